import { describe, expect, it } from 'vitest';
import { delayBoundsUs } from './delay-histogram.ts';
import { ForwardDelays } from './forward-delays.ts';

/** Samples of each bucket when `viewers` get every packet one after the other, 40 µs each. */
function samplesOf(viewers: number, packets: number): number[] {
  let nowUs = 0;
  const delays = new ForwardDelays(() => nowUs);
  for (let packet = 0; packet < packets; packet++) {
    const arrivedUs = nowUs;
    for (let viewer = 0; viewer < viewers; viewer++) {
      nowUs += 40;
      delays.note(arrivedUs);
    }
  }
  return delays.counts().counts;
}

describe('forward delays', () => {
  it('a packet out of eight or nine is looked at, the first one always', () => {
    const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);
    expect(total(samplesOf(1, 1))).toBe(1);
    const share = total(samplesOf(1, 100_000)) / 100_000;
    expect(share).toBeGreaterThan(1 / 9);
    expect(share).toBeLessThan(1 / 8);
  });

  it.each([2, 5, 8, 16, 17])('every one of %d viewers has its share in what is seen', (viewers) => {
    const seen = samplesOf(viewers, 20_000);
    const all = seen.reduce((sum, count) => sum + count, 0);
    for (const [bucket, upperUs] of delayBoundsUs.entries()) {
      const lowerUs = delayBoundsUs[bucket - 1] ?? 0;
      const within = Array.from({ length: viewers }, (_, i) => (i + 1) * 40).filter(
        (delayUs) => delayUs > lowerUs && delayUs <= upperUs,
      );
      expect((seen[bucket] ?? 0) / all).toBeCloseTo(within.length / viewers, 1);
    }
  });
});
