import { describe, expect, it } from 'vitest';
import { LoadMeter } from './load-meter.ts';

const periodUs = 10_000;

/** A meter whose ticks came so late, one after the other, each after the one before. */
function meterOf(lateUs: number[]): { meter: LoadMeter; nowUs: number } {
  const meter = new LoadMeter({ periodUs, cpuUs: 0, nowUs: 0 });
  let nowUs = periodUs;
  meter.handleTick(nowUs);
  for (const late of lateUs) {
    nowUs += periodUs + late;
    meter.handleTick(nowUs);
  }
  return { meter, nowUs };
}

describe('load meter', () => {
  it('an event loop that is held for 300 ms once in a second shows it, and an idle one nothing', () => {
    const idle = meterOf(new Array(99).fill(0));
    expect(idle.meter.take(0, idle.nowUs).eventLoopDelayP99Ms).toBeLessThanOrEqual(0.01);
    const held = meterOf([...new Array(60).fill(0), 300_000]);
    const { eventLoopDelayP99Ms } = held.meter.take(0, held.nowUs);
    expect(eventLoopDelayP99Ms).toBeGreaterThan(200);
    expect(eventLoopDelayP99Ms).toBeLessThanOrEqual(500);
  });

  it('a hold over the look itself is seen by the next one', () => {
    const { meter, nowUs } = meterOf(new Array(99).fill(0));
    meter.take(0, nowUs);
    meter.handleTick(nowUs + 400_000);
    expect(meter.take(0, nowUs + 400_000).eventLoopDelayP99Ms).toBeGreaterThan(200);
  });

  it('CPU time is a share of one core since the last look, and its sum goes on', () => {
    const meter = new LoadMeter({ periodUs, cpuUs: 5_000_000, nowUs: 0 });
    expect(meter.take(5_250_000, 1_000_000)).toMatchObject({ cpuShare: 0.25, cpuUs: 5_250_000 });
    expect(meter.take(7_250_000, 2_000_000)).toMatchObject({ cpuShare: 2, cpuUs: 7_250_000 });
  });

  it('the delays of the sum are of the whole life, those of the look are not', () => {
    const { meter, nowUs } = meterOf([800_000]);
    meter.take(0, nowUs);
    meter.handleTick(nowUs + periodUs);
    const { eventLoopDelayP99Ms, eventLoopDelay } = meter.take(0, nowUs + periodUs);
    expect(eventLoopDelayP99Ms).toBeLessThanOrEqual(0.01);
    expect(eventLoopDelay).toMatchObject({ sumUs: 800_000 });
    expect(eventLoopDelay.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });
});
