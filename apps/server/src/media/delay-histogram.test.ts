import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDelays,
  DelayHistogram,
  delayBoundsUs,
  delayQuantileUs,
  delaysSince,
  noDelays,
} from './delay-histogram.ts';

function histogramOf(delaysUs: number[]): DelayHistogram {
  const histogram = new DelayHistogram();
  for (const delayUs of delaysUs) histogram.note(delayUs);
  return histogram;
}

/** The bucket of a delay: its bounds. */
function bucketOf(delayUs: number): [number, number] {
  const at = delayBoundsUs.findIndex((bound) => delayUs <= bound);
  return [delayBoundsUs[at - 1] ?? 0, delayBoundsUs[at] ?? Number.POSITIVE_INFINITY];
}

describe('delay histogram', () => {
  it('a bound belongs to its own bucket, and what is longer than all has one, too', () => {
    const { counts, sumUs } = histogramOf([0, 10, 11, 1_000_000, 1_000_001]).counts();
    expect(counts.slice(0, 2)).toEqual([2, 1]);
    expect(counts.slice(-2)).toEqual([1, 1]);
    expect(counts).toHaveLength(delayBoundsUs.length + 1);
    expect(sumUs).toBe(2_000_022);
  });

  it('a quantile stands in its bucket as if that were filled evenly', () => {
    const delays = Array.from({ length: 100 }, (_, i) => i + 101);
    const { counts, sumUs } = histogramOf(delays).counts();
    expect(delayQuantileUs({ counts, sumUs }, 0.5)).toBe(150);
    expect(delayQuantileUs({ counts, sumUs }, 0.99)).toBe(199);
    expect(delayQuantileUs({ counts, sumUs }, 1)).toBe(200);
  });

  it('of nothing there is no quantile; of something endless the greatest bound', () => {
    expect(delayQuantileUs(noDelays(), 0.99)).toBeUndefined();
    expect(delayQuantileUs(histogramOf([5e9]).counts(), 0.5)).toBe(1_000_000);
  });

  it('a quantile is never outside the bucket of the true one', () => {
    const delay = fc.integer({ min: 0, max: 999_999 });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(delay, { minLength: 1, maxLength: 200 }), share, (delays, at) => {
        const sorted = [...delays].sort((a, b) => a - b);
        const [lower, upper] = bucketOf(sorted[Math.ceil(at * sorted.length) - 1] as number);
        const quantile = delayQuantileUs(histogramOf(delays).counts(), at) as number;
        expect(quantile).toBeGreaterThanOrEqual(lower);
        expect(quantile).toBeLessThanOrEqual(upper);
      }),
    );
  });

  it('what was noted since an earlier look, added to it, is all', () => {
    const histogram = histogramOf([30, 40, 2_000]);
    const earlier = histogram.counts();
    histogram.note(700);
    const since = delaysSince(earlier, histogram.counts());
    expect(since).toEqual(histogramOf([700]).counts());
    expect(addDelays(earlier, since)).toEqual(histogram.counts());
  });
});
