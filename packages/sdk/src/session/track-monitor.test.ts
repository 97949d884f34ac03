import type { StateReport } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { MachineTime } from '../media/machine-time.ts';
import { TrackMonitor } from './track-monitor.ts';

/** Worker ahead of the machine, and of the page, µs. */
const aheadOfMachineUs = 10_000_000;
const aheadOfPageUs = -3_000_000;
const machineUs = (pageMs: number) => pageMs * 1000 + aheadOfPageUs - aheadOfMachineUs;
/** The page is open for a minute. */
const startMs = 60_000;

function knownTime(pageMs: number): MachineTime {
  const time = new MachineTime();
  const sentUs = pageMs * 1000 + 300;
  const stampUs = sentUs + 200 + aheadOfPageUs;
  const stamps = { receivedUs: stampUs, repliedUs: stampUs, arrivedUs: sentUs + 400 };
  time.handleExchange({ sentUs, ...stamps });
  const clock = { clockOffsetUs: aheadOfMachineUs, clockUncertaintyUs: 300 };
  const machineTimeUs = machineUs(pageMs);
  time.handleState({ kind: 'state', machineTimeUs, ...clock } as StateReport, pageMs * 1000);
  return time;
}

/** A picture taken at `captureMs` (page clock) and presented `latencyMs` later. */
function frame(captureMs: number, latencyMs: number) {
  const rtpTimestamp = ticks(machineUs(captureMs));
  return { presentedMs: captureMs + latencyMs, rtpTimestamp, width: 1280, height: 720 };
}

function ticks(us: number): number {
  return Math.floor(us * 0.09) >>> 0;
}

/** What the worker tells of pictures that took so long to it. */
function arrivals(delayMs: number) {
  return { streamId: 0, frames: 30, delayTicks: ticks(aheadOfMachineUs + delayMs * 1000) };
}

it('splits the latency at the media worker, for statistics and figures in their own periods', () => {
  const time = knownTime(startMs);
  const monitor = new TrackMonitor(startMs, false);
  for (let second = 0; second < 2; second++) {
    const nowMs = startMs + 1000 * second;
    for (let i = 0; i < 30; i++) monitor.handleFrame(frame(nowMs + 33 * i, 40), 0, time);
    monitor.handleArrivals(arrivals(second === 0 ? 10 : 20), time, nowMs + 990);
    const figures = monitor.takeSecond(nowMs + 1000);
    expect(figures.latency?.meanMs).toBeCloseTo(40, 1);
    expect(figures.latency1?.meanMs).toBeCloseTo(second === 0 ? 10 : 20, 1);
    expect(figures.latency2?.meanMs).toBeCloseTo(second === 0 ? 30 : 20, 1);
    expect(figures.latency1?.uncertaintyMs).toBeGreaterThanOrEqual(0.3);
    expect(figures.latency2?.uncertaintyMs).toBeGreaterThanOrEqual(0.2);
  }
  const stats = monitor.takeStats(startMs + 2000);
  expect(stats.latency1).toBeCloseTo(15, 1);
  expect((stats.latency1 ?? 0) + (stats.latency2 ?? 0)).toBeCloseTo(stats.latency ?? 0, 6);
});

it('gives no part of the latency while the worker or the clock said nothing', () => {
  const time = knownTime(startMs);
  const monitor = new TrackMonitor(startMs, false);
  monitor.handleFrame(frame(startMs, 40), 0, time);
  monitor.handleArrivals(arrivals(10), new MachineTime(), startMs + 900);
  const stats = monitor.takeStats(startMs + 2000);
  expect(stats.latency).toBeCloseTo(40, 1);
  expect(stats).not.toHaveProperty('latency1');
  expect(stats).not.toHaveProperty('latency2');
});
