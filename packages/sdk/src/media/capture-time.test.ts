import fc from 'fast-check';
import { expect, it } from 'vitest';
import { captureTimeUsOf } from './capture-time.ts';

const twoTo32 = 2 ** 32;
const captureUs = fc.integer({ min: 20_000_000_000, max: 10 ** 14 });
const stamp = (us: number, offset: number) => (Math.floor(us * 0.09) + offset) % twoTo32;

it('M1 finds the capture time to within one tick while the clock is known to within hours', () => {
  const hours = fc.integer({ min: -19_000_000_000, max: 19_000_000_000 });
  fc.assert(
    fc.property(captureUs, hours, (us, error) => {
      const found = captureTimeUsOf(stamp(us, 0), 0, us + error);
      expect(Math.abs(found - us)).toBeLessThanOrEqual(12);
      // What comes back to the machine has the timestamp of the very picture.
      expect(Math.floor(found * 0.09) % twoTo32).toBe(stamp(us, 0));
    }),
  );
});

it('M2 takes the offset of the slot off', () => {
  fc.assert(
    fc.property(captureUs, fc.integer({ min: 0, max: twoTo32 - 1 }), (us, offset) => {
      const found = captureTimeUsOf(stamp(us, offset), offset, us + 50_000);
      expect(Math.abs(found - us)).toBeLessThanOrEqual(12);
    }),
  );
});

it('M3 survives the turn of the counter between capture and now', () => {
  const turnUs = Math.ceil(twoTo32 / 0.09);
  for (const [captured, now] of [
    [turnUs - 10_000, turnUs + 10_000],
    [turnUs + 10_000, turnUs - 10_000],
  ] as const) {
    expect(Math.abs(captureTimeUsOf(stamp(captured, 0), 0, now) - captured)).toBeLessThan(13);
  }
});
