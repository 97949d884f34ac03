import { expect, test } from 'vitest';
import { RepeatTimes } from './repeat-times.ts';

test('a packet is due again after the gap; others are due at any time, also those in the same place', () => {
  const times = new RepeatTimes();
  expect(times.isDue(0, 10_000, 0)).toBe(true);
  times.note(65_535, 0);
  expect(times.isDue(65_535, 10_000, 9_999)).toBe(false);
  expect(times.isDue(65_535 - 2_048, 10_000, 9_999)).toBe(true);
  expect(times.isDue(0, 10_000, 9_999)).toBe(true);
  expect(times.isDue(65_535, 10_000, 10_000)).toBe(true);
});
