import { NetworkErrorCode } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { statsPeriodOf } from './stats-period.ts';

it('statistics come every two seconds unless another period is asked for', () => {
  expect(statsPeriodOf()).toBe(2000);
  expect(statsPeriodOf(undefined)).toBe(2000);
  expect([100, 500, 60_000].map((ms) => statsPeriodOf(ms))).toEqual([100, 500, 60_000]);
});

it.each([0, -1, 99.9, 60_001, Number.NaN, Number.POSITIVE_INFINITY, '200' as never])(
  'a period of %s ms is refused',
  (ms) => {
    expect(() => statsPeriodOf(ms)).toThrow(
      expect.objectContaining({ code: NetworkErrorCode.InvalidParameters }),
    );
  },
);
