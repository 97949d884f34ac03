import { describe, expect, it } from 'vitest';
import { LatencyMeter } from './latency.ts';

describe('LatencyMeter', () => {
  it('L1 gives the mean of the known frames of the period', () => {
    const meter = new LatencyMeter();
    meter.handleFrame(10, 1);
    meter.handleFrame(Number.NaN, 1);
    meter.handleFrame(30, 3);
    expect(meter.closePeriod()).toEqual({ meanMs: 20, uncertaintyMs: 2, frames: 2 });
  });

  it('L2 does not shrink the uncertainty with the number of frames', () => {
    const meter = new LatencyMeter();
    for (let i = 0; i < 100; i++) meter.handleFrame(10, 2);
    expect(meter.closePeriod()?.uncertaintyMs).toBe(2);
  });

  it('L3 has no latency without frames, in the next period too', () => {
    const meter = new LatencyMeter();
    meter.handleFrame(10, 1);
    meter.closePeriod();
    expect(meter.closePeriod()).toBeUndefined();
  });
});
