import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateRate, type StreamDemand } from './allocate-rate.ts';

const front = { streamId: 'front', priority: 3, minBps: 300_000, maxBps: 2_500_000 };
const rear = { streamId: 'rear', priority: 1, minBps: 200_000, maxBps: 1_000_000 };
const side = { streamId: 'side', priority: 1, minBps: 100_000, maxBps: 400_000 };
const bitrates = (totalBps: number) =>
  allocateRate(totalBps, [rear, front, side]).map((rate) => rate.bitrateBps);

describe('allocateRate', () => {
  it('S1, S4: minima by priority, marked where they are missed', () => {
    expect(allocateRate(450_000, [rear, front, side])).toEqual([
      { streamId: 'rear', bitrateBps: 150_000, belowMinimum: true },
      { streamId: 'front', bitrateBps: 300_000, belowMinimum: false },
      { streamId: 'side', bitrateBps: 0, belowMinimum: true },
    ]);
  });

  it('S2: the highest priority is filled first, equals share what is left', () => {
    expect(bitrates(1_600_000)).toEqual([200_000, 1_300_000, 100_000]);
    expect(bitrates(3_000_000)).toEqual([250_000, 2_500_000, 250_000]);
    expect(bitrates(3_500_000)).toEqual([600_000, 2_500_000, 400_000]);
    expect(bitrates(9_000_000)).toEqual([1_000_000, 2_500_000, 400_000]);
  });

  it('S3, S4: never more than the total, never below a minimum while there is enough', () => {
    const demand = fc.record({
      streamId: fc.constant('stream'),
      priority: fc.nat(3),
      minBps: fc.nat(1_000_000),
      maxBps: fc.nat(5_000_000),
    });
    fc.assert(
      fc.property(fc.nat(20_000_000), fc.array(demand, { maxLength: 8 }), (total, streams) => {
        const rates = allocateRate(total, streams);
        const sum = rates.reduce((all, rate) => all + rate.bitrateBps, 0);
        expect(sum).toBeLessThanOrEqual(total);
        const minima = streams.reduce((all: number, one: StreamDemand) => all + one.minBps, 0);
        for (const [index, rate] of rates.entries()) {
          const { minBps, maxBps } = streams[index] as StreamDemand;
          expect(rate.bitrateBps).toBeLessThanOrEqual(Math.max(minBps, maxBps));
          expect(rate.belowMinimum).toBe(rate.bitrateBps < minBps);
          if (minima <= total) expect(rate.belowMinimum).toBe(false);
        }
      }),
    );
  });
});
