import { encodeCommand } from '@longreach/protocol';
import { buildNack, readSequence } from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addDelays, delayBoundsUs, delaysSince } from './delay-histogram.ts';
import { processCpuUs } from './load-meter.ts';
import {
  connected,
  deltaFrame,
  type End,
  keyFrame,
  type Machine,
  rtpOf,
  shown,
  videoSlot,
  WorkerBed,
} from './testing/worker-bed.ts';
import type { FromWorker, RoomCounters } from './worker-channel.ts';

type Stats = FromWorker & { type: 'stats' };

let bed: WorkerBed;
beforeEach(() => {
  bed = new WorkerBed(48_308);
});
afterEach(() => bed.close());

const patience = { timeout: 4_000 };

/** The worker's next word, which comes within a second. */
async function nextStats(): Promise<Stats> {
  const told = () => bed.posted.filter((message) => message.type === 'stats');
  const before = told().length;
  await expect.poll(() => told().length, patience).toBeGreaterThan(before);
  return told().at(-1) as Stats;
}

/** Sends frames until the viewer has so many packets. */
async function film(machine: Machine, viewer: End, packets: number): Promise<void> {
  let timestamp = 6_000;
  await expect
    .poll(() => {
      for (let frame = 0; frame < 5; frame++) {
        timestamp += 3_000;
        machine.send(0, deltaFrame, timestamp);
      }
      return rtpOf(viewer).length;
    }, patience)
    .toBeGreaterThan(packets);
}

/** Every figure with its path. */
function figuresOf(counters: object, prefix = ''): Array<[string, number]> {
  return Object.entries(counters).flatMap(([name, value]): Array<[string, number]> => {
    if (typeof value === 'number') return [[prefix + name, value]];
    const isGroup = typeof value === 'object' && !Array.isArray(value);
    return isGroup ? figuresOf(value, `${prefix}${name}.`) : [];
  });
}

/** Names of figures that fell. */
function fallen(before: RoomCounters, after: RoomCounters): string[] {
  const now = new Map(figuresOf(after));
  return figuresOf(before)
    .filter(([name, value]) => !((now.get(name) ?? -1) >= value))
    .map(([name]) => name);
}

test('what a room counted stays when its viewers and its machine go, and is told once more when it closes', async () => {
  const machine = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await shown(machine, viewer);
  await film(machine, viewer, 20);
  const wanted = readSequence(rtpOf(viewer).at(-1) as Buffer);
  viewer.tracks[0]?.send(buildNack(1, viewer.answer[0]?.ssrcs[0] as number, [wanted]));
  const counted = () => bed.posted.findLast((message) => message.type === 'stats')?.rooms[0];
  await expect.poll(() => counted()?.packetsRepeated, patience).toBe(1);
  const full = (await nextStats()).rooms[0] as RoomCounters;
  expect(full.packetsOut).toBeGreaterThan(20);
  expect(full.packetsIn).toBeGreaterThanOrEqual(full.packetsOut);
  expect(full.uplink.mediaBytes).toBeGreaterThan(0);
  expect(full.downlink.media).toBeGreaterThan(0);
  expect(full.downlink.repeat).toBeGreaterThan(0);
  const roomId = 'truck';
  bed.worker.handle({ type: 'closePeer', roomId, peerId: 'op1' });
  bed.worker.handle({ type: 'closePeer', roomId, peerId: roomId });
  const empty = (await nextStats()).rooms[0];
  expect(empty).toMatchObject({ uplinks: [], downlinks: [] });
  expect(fallen(full, empty as RoomCounters)).toEqual([]);
  bed.worker.handle({ type: 'closeRoom', roomId });
  const closing = await nextStats();
  expect(closing.rooms).toEqual([]);
  expect(closing.closedRooms).toMatchObject([{ roomId }]);
  expect(fallen(full, closing.closedRooms[0] as RoomCounters)).toEqual([]);
  expect((await nextStats()).closedRooms).toEqual([]);
});

test('commands are counted as passed, or as refused by the reason', async () => {
  const machine = bed.machine();
  const master = bed.viewer('op1', [videoSlot('0', 0)]);
  const guest = bed.viewer('op2', [videoSlot('0', 0)]);
  await connected(machine, master, guest);
  const token = '0123456789abcdef';
  const command = (epoch: number, sequence: number) =>
    encodeCommand({
      ...{ kind: 'drive', sequence, epoch, token, ttlMs: 300 },
      ...{ captureTimeUs: 1, inputTimeMs: 1, axes: [0, 1], buttons: 0 },
    });
  bed.lease('op1', 7, token);
  guest.channels.command.send(command(7, 1));
  guest.channels.command.send(command(7, 2));
  master.channels.command.send(command(6, 1));
  master.channels.command.send(command(7, 2));
  await expect.poll(() => machine.messages.command.length).toBe(1);
  await expect
    .poll(async () => (await nextStats()).rooms[0], patience)
    .toMatchObject({
      ...{ commandsPassed: 1, commandsRefused: 3 },
      refusals: { NotMaster: 2, OldEpoch: 1, WrongToken: 0 },
    });
});

test('each packet handed to a viewer may be looked at for its delay; one that waits counts its wait', async () => {
  const machine = bed.machine();
  const viewer = bed.datagramViewer('op1', [0]);
  await shown(machine, viewer);
  const before = (await nextStats()).load.forwardDelay;
  const large = Buffer.concat([keyFrame, Buffer.alloc(300_000, 7)]);
  const packets = machine.send(0, large, 900_000).length;
  await expect.poll(() => rtpOf(viewer).length, patience).toBeGreaterThanOrEqual(packets);
  const { load } = await nextStats();
  const since = delaysSince(before, load.forwardDelay);
  const samples = since.counts.reduce((sum, count) => sum + count, 0);
  expect(samples).toBeGreaterThan(packets / 20);
  expect(samples).toBeLessThan(packets / 4);
  // Sixteen packets leave in a millisecond: the rest waits, in the end for more than ten of them.
  const waited = since.counts.slice(delayBoundsUs.indexOf(1_000) + 1);
  expect(waited.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(samples / 2);
  expect(addDelays(before, since)).toEqual(load.forwardDelay);
});

test('the worker says how late its event loop is and what CPU time it takes', async () => {
  const idle = (await nextStats()).load;
  expect(idle.pid).toBe(process.pid);
  expect(idle.cpuUs).toBeGreaterThan(0);
  const untilMs = performance.now() + 600;
  const untilCpuUs = processCpuUs() + 300_000;
  while (performance.now() < untilMs || processCpuUs() < untilCpuUs);
  const { load } = await nextStats();
  expect(load.eventLoopDelayP99Ms).toBeGreaterThan(200);
  expect(load.cpuUs - idle.cpuUs).toBeGreaterThanOrEqual(300_000);
  expect(load.cpuShare).toBeGreaterThan(0.05);
});
