import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('starts full, then refills at its rate up to its capacity', () => {
    const bucket = new TokenBucket({ capacity: 3, perSecond: 10 });
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false]);
    expect(bucket.take(1, 99_999)).toBe(false);
    expect(bucket.take(1, 100_000)).toBe(true);
    expect([1, 2, 3, 4].map(() => bucket.take(1, 60_000_000))).toEqual([true, true, true, false]);
  });

  it('takes nothing when there is not enough', () => {
    const bucket = new TokenBucket({ capacity: 10, perSecond: 1 });
    expect(bucket.take(11, 0)).toBe(false);
    expect(bucket.take(10, 0)).toBe(true);
  });

  it('goes on at another rate, with what fits of what it holds', () => {
    const bucket = new TokenBucket({ capacity: 10, perSecond: 10 });
    expect(bucket.take(1, 0)).toBe(true);
    bucket.setRate({ capacity: 2, perSecond: 1 });
    expect([1, 2, 3].map(() => bucket.take(1, 0))).toEqual([true, true, false]);
    expect(bucket.take(1, 1_000_000)).toBe(true);
  });

  it('gives nothing for time that runs backwards and returns', () => {
    const bucket = new TokenBucket({ capacity: 1, perSecond: 1 });
    expect(bucket.take(1, 5_000_000)).toBe(true);
    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.take(1, 5_000_000)).toBe(false);
  });

  it('never passes more than capacity plus rate times time, whatever the order of calls', () => {
    const call = fc.record({
      amount: fc.integer({ min: 0, max: 20 }),
      stepUs: fc.integer({ min: -200_000, max: 500_000 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 100 }), (calls) => {
        const bucket = new TokenBucket({ capacity: 25, perSecond: 100 });
        let nowUs = 0;
        let latestUs = 0;
        let taken = 0;
        for (const { amount, stepUs } of calls) {
          nowUs = Math.max(0, nowUs + stepUs);
          if (bucket.take(amount, nowUs)) taken += amount;
          latestUs = Math.max(latestUs, nowUs);
          expect(taken).toBeLessThanOrEqual(25 + (latestUs * 100) / 1_000_000 + 1e-6);
        }
      }),
    );
  });
});
