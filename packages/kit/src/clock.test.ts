import { expect, it } from 'vitest';
import { ManualClock } from './clock.ts';

it('a manual clock moves only when told, and never backwards', () => {
  const clock = new ManualClock(5);
  expect(clock.nowUs()).toBe(5);
  clock.advanceUs(10);
  clock.advanceUs(0);
  expect(clock.nowUs()).toBe(15);
  expect(() => clock.advanceUs(-1)).toThrow(RangeError);
  expect(clock.nowUs()).toBe(15);
});
