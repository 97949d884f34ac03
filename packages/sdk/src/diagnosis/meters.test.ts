import { RefusalCode, type StateReport } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { ClockSteps } from './clock-steps.ts';
import { CommandTraffic } from './command-traffic.ts';
import { HiddenMeter } from './hidden-meter.ts';
import { StallMeter } from './stall-meter.ts';

describe('StallMeter', () => {
  it('H1 gives the longest time between two calls, one that goes on included', () => {
    const meter = new StallMeter();
    for (const nowMs of [0, 40, 340, 380]) meter.handleTick(nowMs);
    expect(meter.take(400)).toBe(300);
    expect(meter.take(1000)).toBe(620);
    meter.pause();
    expect(meter.take(5000)).toBe(0);
    meter.handleTick(6000);
    expect(meter.take(6010)).toBe(10);
  });
});

describe('HiddenMeter', () => {
  it('H2 counts hidden time into the period in which it lies', () => {
    const meter = new HiddenMeter();
    meter.handleVisibility(true, 0);
    meter.handleVisibility(false, 500);
    meter.handleVisibility(false, 700);
    expect(meter.take(2000)).toBe(1500);
    meter.handleVisibility(true, 2300);
    expect(meter.take(4000)).toBe(300);
    expect(meter.take(6000)).toBe(0);
  });
});

describe('ClockSteps', () => {
  it('H3 tells a jump with its sign, and neither the first look nor drift', () => {
    const steps = new ClockSteps();
    for (const offsetMs of [5000, 5000.2, undefined, 5000.4]) steps.handleOffset(offsetMs);
    expect(steps.take()).toEqual([]);
    steps.handleOffset(15_000);
    steps.handleOffset(14_000);
    expect(steps.take().map(Math.round)).toEqual([10_000, -1000]);
    expect(steps.take()).toEqual([]);
  });
});

describe('CommandTraffic', () => {
  const state = (more: Partial<StateReport>) =>
    ({ epoch: 1, released: 0, refused: 0, releasedSequence: 0, ...more }) as StateReport;

  it('H4 knows how long a command needs until its release is reported', () => {
    const traffic = new CommandTraffic();
    traffic.handleSent(1000, 10);
    traffic.handleSent(1001, 30);
    traffic.handleState(state({ releasedSequence: 1000 }), 45);
    traffic.handleState(state({ releasedSequence: 1001 }), 80);
    traffic.handleState(state({ releasedSequence: 1001 }), 500);
    expect(traffic.take(500)).toMatchObject({ sent: 2, roundTripMs: 50 });
    expect(traffic.take(600)).not.toHaveProperty('roundTripMs');
  });

  it('H5 counts what the guard got and released, also over its restart', () => {
    const traffic = new CommandTraffic();
    traffic.handleState(state({ released: 100, refused: 3 }), 0);
    traffic.handleState(state({ released: 150, refused: 5 }), 50);
    traffic.handleState(state({ released: 2, refused: 0 }), 100);
    traffic.handleState(state({ released: 12, refused: 0 }), 150);
    expect(traffic.take(200)).toMatchObject({ received: 62, released: 60, longestReportGapMs: 50 });
    expect(traffic.take(1350)).toMatchObject({
      received: 0,
      released: 0,
      longestReportGapMs: 1200,
    });
  });

  it('H6 counts the time in which the channel takes nothing, and refusals by code', () => {
    const traffic = new CommandTraffic();
    traffic.handleSent(1, 0);
    for (let nowMs = 20; nowMs <= 1000; nowMs += 20) traffic.handleBlocked(nowMs);
    traffic.handleRefused(RefusalCode.Expired);
    traffic.handleRefused(RefusalCode.Expired);
    traffic.handleRefused(RefusalCode.NotMaster);
    expect(traffic.take(1000)).toMatchObject({
      ...{ sent: 1, blockedMs: 1000 },
      refused: { [RefusalCode.Expired]: 2, [RefusalCode.NotMaster]: 1 },
    });
    traffic.handleBlocked(9000);
    expect(traffic.take(9000)).toMatchObject({ sent: 0, blockedMs: 0, refused: {} });
  });

  it('H7 before any report of the machine nothing is said of it', () => {
    const figures = new CommandTraffic().take(1000);
    expect(figures).toEqual({ sent: 0, blockedMs: 0, refused: {} });
  });
});
