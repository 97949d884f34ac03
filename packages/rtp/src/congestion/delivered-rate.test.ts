import { describe, expect, it } from 'vitest';
import { DeliveredRate } from './delivered-rate.ts';

const bytes = 1_200;

/** Packets sent every 2 ms over a link of this rate that stands still for a time from 500 ms on; the rate at 750 ms. */
function rateAfter(linkBps: (us: number) => number, stillUs: number): number | undefined {
  const rate = new DeliveredRate();
  let freeUs = 0;
  for (let sentUs = 0; sentUs < 700_000; sentUs += 2_000) {
    const isAfter = sentUs >= 500_000 && freeUs < 500_000 + stillUs;
    const startUs = Math.max(sentUs, freeUs, isAfter ? 500_000 + stillUs : 0);
    freeUs = startUs + (bytes * 8e6) / linkBps(startUs);
    if (freeUs > 750_000) break;
    rate.add(sentUs, freeUs + 10_000, bytes);
  }
  return rate.bps(200_000);
}

describe('DeliveredRate', () => {
  it('C7: a link that stood still carries what it carried before', () => {
    expect(rateAfter(() => 4.9e6, 0)).toBeCloseTo(4.8e6, -5);
    const still = rateAfter(() => 4.9e6, 120_000) ?? 0;
    expect(still).toBeGreaterThan(4.3e6);
    expect(still).toBeLessThan(5.3e6);
  });

  it('C7: a link that became narrow carries less', () => {
    const narrow = rateAfter((us) => (us < 500_000 ? 4.9e6 : 0.8e6), 0) ?? 0;
    expect(narrow).toBeGreaterThan(0.7e6);
    expect(narrow).toBeLessThan(1e6);
  });

  it('C7: packets that overtake each other are no standstill', () => {
    const rate = new DeliveredRate();
    let state = 7;
    const arrivals = Array.from({ length: 500 }, (_, i) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const sentUs = i * 4_800;
      return { sentUs, arrivalUs: sentUs + 10_000 + (state / 2 ** 32) * 90_000 };
    }).toSorted((a, b) => a.arrivalUs - b.arrivalUs);
    for (const { sentUs, arrivalUs } of arrivals) rate.add(sentUs, arrivalUs, bytes);
    const bps = rate.bps(1_000_000) ?? 0;
    expect(bps).toBeGreaterThan(1.7e6);
    expect(bps).toBeLessThan(2.3e6);
  });
});
