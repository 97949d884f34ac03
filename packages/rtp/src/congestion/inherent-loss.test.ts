import { describe, expect, it } from 'vitest';
import { InherentLoss } from './inherent-loss.ts';

const loss = (lossShare: number) => ({ lossShare, burstPackets: 1 });

describe('loss that redundancy helps against', () => {
  it('C18 is all of it while nothing waits', () => {
    const inherent = new InherentLoss();
    expect(inherent.update(loss(0.3), 5_000, 0)).toEqual(loss(0.3));
    expect(inherent.hasQueue).toBe(false);
  });

  it('C18 does not grow with a queue, nor for 2 s after it; it may fall', () => {
    const inherent = new InherentLoss();
    inherent.update(loss(0.05), 0, 0);
    expect(inherent.update(loss(0.6), 180_000, 1_000_000)).toEqual(loss(0.05));
    expect(inherent.hasQueue).toBe(true);
    expect(inherent.update(loss(0.4), 10_000, 2_500_000)).toEqual(loss(0.05));
    expect(inherent.update(loss(0.01), 10_000, 2_600_000)).toEqual(loss(0.01));
    expect(inherent.update(loss(0.2), 10_000, 3_100_000)).toEqual(loss(0.2));
  });
});
