import { randomBytes } from 'node:crypto';
import { PacketBuilder, packetizeH264 } from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NarrowViewer, outerBytes } from './testing/narrow-viewer.ts';
import {
  connected,
  type End,
  feedbackLines,
  keyFrame,
  rtcpOf,
  rtpOf,
  videoLines,
  videoSlot,
  WorkerBed,
} from './testing/worker-bed.ts';

const patience = { timeout: 20_000 };
const frameMs = 33;
let bed: WorkerBed;
let viewers: NarrowViewer[];
let timers: NodeJS.Timeout[];

beforeEach(() => {
  bed = new WorkerBed(48_304);
  viewers = [];
  timers = [];
});

afterEach(() => {
  for (const timer of timers) clearInterval(timer);
  for (const viewer of viewers) viewer.close();
  bed.close();
});

/** A machine with one stream in two encodings. */
function machine(): End {
  const mids = ['0', 's0'];
  const descriptions = mids.map((mid, i) => ({
    kind: 'video' as const,
    mid,
    direction: 'sendonly' as const,
    lines: [...videoLines, ...feedbackLines, `a=ssrc:${100 + i} cname:m`],
  }));
  const slots = [videoSlot('0', 0), { ...videoSlot('s0', 0), encoding: 'small' as const }];
  return bed.open({ role: 'field', peerId: 'truck', slots }, descriptions);
}

/** Films one encoding: a key frame when asked for, and pictures of so many bytes. */
function film(end: End, line: number, bytes: number): void {
  const builder = new PacketBuilder({
    ...{ payloadType: 102, ssrc: 100 + line, mid: line === 0 ? '0' : 's0', firstSequence: 1 },
  });
  let asked = 0;
  const timer = setInterval(() => {
    const pli = rtcpOf(end, line).filter(({ type }) => type === 'pli').length;
    const isKey = pli > asked;
    asked = pli;
    const noise = randomBytes(bytes).map((byte) => byte | 1);
    const delta = Buffer.concat([Buffer.from([0, 0, 0, 1, 0x41]), noise]);
    const frame = isKey ? Buffer.concat([keyFrame, noise]) : delta;
    const timeUs = performance.now() * 1_000;
    for (const packet of packetizeH264(frame, timeUs, builder)) end.tracks[line]?.send(packet);
  }, frameMs);
  timers.push(timer);
}

/** The rates that the machine was told of, newest last. */
function limitsOf(field: End): number[] {
  return rtcpOf(field).flatMap((part) => (part.type === 'remb' ? [part.bitrateBps] : []));
}

test("a guest on a weak link gets the small encoding, and the master's picture stays as it is", async () => {
  const field = machine();
  const master = bed.datagramViewer('op1', [0]);
  const guest = bed.datagramViewer('op2', [0]);
  await connected(field, master, guest);
  bed.lease('op1', 1, '0123456789abcdef');
  viewers = [new NarrowViewer(master, {}), new NarrowViewer(guest, { bitrateBps: 700_000 })];
  // About 1.5 Mbit/s.
  film(field, 0, 6_000);
  await expect.poll(() => bed.demandOf(0, 'small'), patience).toBe(true);
  film(field, 1, 600);
  const isSmall = (end: End) => {
    const [before, last] = rtpOf(end)
      .slice(-2)
      .map((packet) => packet.subarray(outerBytes));
    return last !== undefined && before !== undefined && last.length < 700 && before.length < 700;
  };
  await expect.poll(() => isSmall(guest), patience).toBe(true);
  expect(isSmall(master)).toBe(false);
  const newest = limitsOf(field).at(-1) ?? 0;
  expect(newest).toBeGreaterThan(1_500_000);
  expect(bed.demandOf(0)).toBe(true);
}, 45_000);

test("the machine is told what the master's link takes", async () => {
  const field = machine();
  const master = bed.datagramViewer('op1', [0]);
  const guest = bed.datagramViewer('op2', [0]);
  await connected(field, master, guest);
  bed.lease('op1', 1, '0123456789abcdef');
  viewers = [new NarrowViewer(master, { bitrateBps: 800_000 }), new NarrowViewer(guest, {})];
  film(field, 0, 6_000);
  await expect.poll(() => limitsOf(field).at(-1) ?? Infinity, patience).toBeLessThan(900_000);
  expect(bed.demandOf(0, 'small')).toBeUndefined();
}, 45_000);
