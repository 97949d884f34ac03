import type { StreamArrivals } from '@longreach/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { monotonicClock } from '../monotonic-clock.ts';
import {
  connected,
  type End,
  keyFrame,
  type Machine,
  reportsOf,
  videoSlot,
  WorkerBed,
} from './testing/worker-bed.ts';

const patience = { timeout: 20_000 };
/** The machine's clock is behind the worker's, µs. */
const behindUs = 10_000_000;
let bed: WorkerBed;
let timers: NodeJS.Timeout[];

beforeEach(() => {
  bed = new WorkerBed(48_309);
  timers = [];
});

afterEach(() => {
  for (const timer of timers) clearInterval(timer);
  bed.close();
});

/** Sends a picture every 20 ms that was taken `ageMs` before. */
function film(machine: Machine, stream: number, ageMs: number): void {
  const send = () => {
    const captureUs = monotonicClock.nowUs() - behindUs - ageMs * 1000;
    machine.send(stream, keyFrame, Math.floor(captureUs * 0.09) % 2 ** 32);
  };
  timers.push(setInterval(send, 20));
}

function arrivalsOf(end: End): StreamArrivals[] {
  return reportsOf(end).flatMap((report) => (report.kind === 'arrivals' ? report.streams : []));
}

/** What a viewer makes of it who knows how the clocks stand to each other, ms. */
function delayMs({ delayTicks }: StreamArrivals): number {
  return ((delayTicks - behindUs * 0.09) | 0) / 90;
}

test('each viewer hears every second how long the pictures that it sees took to the worker', async () => {
  const machine = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0), videoSlot('1', 1)]);
  const datagram = bed.datagramViewer('op2', [1]);
  await connected(machine, viewer, datagram);
  film(machine, 0, 40);
  film(machine, 1, 250);
  const told = () => [...arrivalsOf(viewer), ...arrivalsOf(datagram)];
  await expect.poll(() => arrivalsOf(viewer).length, patience).toBeGreaterThanOrEqual(4);
  await expect.poll(() => arrivalsOf(datagram).length, patience).toBeGreaterThanOrEqual(2);
  expect(new Set(arrivalsOf(datagram).map(({ streamId }) => streamId))).toEqual(new Set([1]));
  for (const one of told()) {
    const ageMs = one.streamId === 0 ? 40 : 250;
    expect(delayMs(one)).toBeGreaterThanOrEqual(ageMs - 0.1);
    expect(delayMs(one)).toBeLessThan(ageMs + 100);
    expect(one.frames).toBeLessThanOrEqual(60);
  }
});

test('nobody hears of pictures that do not come', async () => {
  const machine = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await connected(machine, viewer);
  film(machine, 0, 40);
  await expect.poll(() => arrivalsOf(viewer).length, patience).toBeGreaterThan(0);
  for (const timer of timers) clearInterval(timer);
  const slotReports = () => reportsOf(viewer).filter(({ kind }) => kind === 'slot').length;
  // The last pictures may be told of once more.
  const isQuietFor = async (seconds: number) => {
    const [before, told] = [slotReports(), arrivalsOf(viewer).length];
    await expect.poll(slotReports, patience).toBeGreaterThanOrEqual(before + seconds);
    return arrivalsOf(viewer).length === told;
  };
  await isQuietFor(2);
  expect(await isQuietFor(2)).toBe(true);
});
