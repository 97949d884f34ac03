import { encodeCommand, noToken, RefusalCode } from '@longreach/protocol';
import {
  buildNack,
  canonicalHeaderBytes,
  type PacketBuilder,
  packetizeH264,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  builderOf,
  connected,
  deltaFrame,
  keyFrame,
  reportsOf,
  rtcpOf,
  rtpOf,
  shown,
  videoSlot,
  WorkerBed,
} from './testing/worker-bed.ts';

const token = '0123456789abcdef';
let bed: WorkerBed;

beforeEach(() => {
  bed = new WorkerBed(48_301);
});

afterEach(() => bed.close());

function command(sequence: number, epoch: number, leaseToken: string): Uint8Array {
  return encodeCommand({
    kind: 'drive',
    sequence,
    epoch,
    token: leaseToken,
    ttlMs: 300,
    captureTimeUs: 1,
    inputTimeMs: 1,
    axes: [0, 1],
    buttons: 0,
  });
}

test('a viewer sees a stream from its key frame on, under its own ssrc, numbered without a gap over a switch', async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await connected(field, viewer);
  expect(bed.posted).toContainEqual({
    type: 'demand',
    roomId: 'truck',
    streamId: 0,
    mediaType: 'video',
    active: true,
  });
  await expect
    .poll(() => {
      field.send(0, deltaFrame, 1);
      return rtcpOf(field).some(({ type }) => type === 'pli');
    })
    .toBe(true);
  expect(rtpOf(viewer)).toEqual([]);
  field.send(0, keyFrame, 3000);
  field.send(0, deltaFrame, 6000);
  await expect
    .poll(() => rtpOf(viewer).at(-1) && readTimestamp(rtpOf(viewer).at(-1) as Buffer))
    .toBe(6000);
  bed.subscribe('op1', videoSlot('0', 1));
  field.send(1, deltaFrame, 7000);
  field.send(0, deltaFrame, 8000);
  await expect.poll(() => readTimestamp(rtpOf(viewer).at(-1) as Buffer)).toBe(8000);
  expect(bed.demandOf(0)).toBe(true);
  field.send(1, keyFrame, 9000);
  await expect.poll(() => readTimestamp(rtpOf(viewer).at(-1) as Buffer)).toBe(9000);
  expect([bed.demandOf(0), bed.demandOf(1)]).toEqual([false, true]);
  const shown = rtpOf(viewer);
  const first = readSequence(shown[0] as Buffer);
  expect(shown.map((packet) => (readSequence(packet) - first) & 0xffff)).toEqual(
    shown.map((_, i) => i),
  );
  expect(new Set(shown.map(readSsrc))).toEqual(new Set([viewer.answer[0]?.ssrcs[0]]));
  await expect
    .poll(() =>
      reportsOf(viewer)
        .filter((report) => report.kind === 'slot')
        .at(-1),
    )
    .toMatchObject({ mid: '0', streamId: 1, timestampOffset: 0 });
});

test('what a connection for one track shows is told over the one with messages', async () => {
  const field = bed.machine();
  const messages = bed.viewer('op1', []);
  const track = bed.track('op1', videoSlot('0', 1));
  await connected(field, messages);
  await expect
    .poll(() => {
      field.send(1, keyFrame, 3000);
      return reportsOf(messages).filter((report) => report.kind === 'slot');
    })
    .toContainEqual({
      ...{ kind: 'slot', mid: '0', streamId: 1, timestampOffset: 0 },
      connectionId: 'track.1',
    });
  expect(rtpOf(track).length).toBeGreaterThan(0);
});

test("a machine's next connection carries its streams on: nothing is missing, and losses are asked for there", async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await shown(field, viewer);
  const next = bed.machine([], field.builders);
  await connected(next);
  next.send(0, deltaFrame, 6000);
  await expect.poll(() => readTimestamp(rtpOf(viewer).at(-1) as Buffer)).toBe(6000);
  const lost = packetizeH264(deltaFrame, 9000, next.builders[0] as PacketBuilder);
  next.send(0, deltaFrame, 12_000);
  const missing = readSequence(lost[0] as Buffer);
  await expect
    .poll(() => rtcpOf(next).flatMap((packet) => (packet.type === 'nack' ? packet.sequences : [])))
    .toContain(missing);
  const arrived = () => {
    next.tracks[0]?.send(lost[0] as Buffer);
    return rtpOf(viewer).map(readSequence);
  };
  await expect
    .poll(() => {
      const numbers = arrived().sort((a, b) => a - b);
      return numbers.every((number, i) => number === (numbers[0] as number) + i);
    })
    .toBe(true);
  expect(rtcpOf(next).filter(({ type }) => type === 'pli')).toEqual([]);
});

test('a lost packet is repeated over RTX with the original payload', async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await shown(field, viewer);
  const wanted = rtpOf(viewer)[0] as Buffer;
  viewer.tracks[0]?.send(
    buildNack(1, viewer.answer[0]?.ssrcs[0] as number, [readSequence(wanted)]),
  );
  await expect
    .poll(() => rtpOf(viewer).some((packet) => readPayloadType(packet) === 103))
    .toBe(true);
  const repeat = rtpOf(viewer).find((packet) => readPayloadType(packet) === 103) as Buffer;
  expect(repeat.readUInt16BE(canonicalHeaderBytes)).toBe(readSequence(wanted));
  expect(repeat.subarray(canonicalHeaderBytes + 2)).toEqual(wanted.subarray(canonicalHeaderBytes));
});

test('the worker asks the machine for what got lost on its leg', async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await shown(field, viewer);
  const skipped = builderOf(0, 900);
  for (let i = 0; i < 6; i++) {
    const packets = packetizeH264(deltaFrame, 100_000 + i, skipped);
    if (i !== 1) for (const packet of packets) field.tracks[0]?.send(packet);
  }
  const asked = () => rtcpOf(field).flatMap((part) => (part.type === 'nack' ? part.sequences : []));
  await expect.poll(asked).toContain(901);
});

test('only frames of the master under the present lease pass; a forged epoch and a guest are told why', async () => {
  const field = bed.machine();
  const master = bed.viewer('op1', [videoSlot('0', 0)]);
  const guest = bed.viewer('op2', [videoSlot('0', 0)]);
  await connected(field, master, guest);
  bed.lease('op1', 7, token);
  guest.channels.control.send(command(1, 7, token));
  master.channels.control.send(command(1, 6, token));
  await expect
    .poll(() => reportsOf(guest))
    .toContainEqual({ kind: 'refusal', code: RefusalCode.NotMaster, sequence: 1 });
  await expect
    .poll(() => reportsOf(master))
    .toContainEqual({ kind: 'refusal', code: RefusalCode.OldEpoch, sequence: 1 });
  expect(field.messages.control).toEqual([]);
  await expect
    .poll(() => {
      master.channels.control.send(command(2, 7, token));
      return field.messages.control.length;
    })
    .toBeGreaterThan(0);
  expect(field.messages.control[0]).toEqual(Buffer.from(command(2, 7, token)));
});

test('an emergency stop passes from a guest', async () => {
  const field = bed.machine();
  const guest = bed.viewer('op2', [videoSlot('0', 0)]);
  await connected(field, guest);
  const stop = encodeCommand({
    kind: 'emergencyStop',
    sequence: 0,
    epoch: 0,
    token: noToken,
    ttlMs: 1,
    captureTimeUs: 0,
    inputTimeMs: 0,
  });
  guest.channels.command.send(stop);
  await expect.poll(() => field.messages.command.length).toBe(1);
});

test('an offer without usable codecs is refused and the worker goes on', async () => {
  bed.worker.handle({
    type: 'offer',
    id: 77_001,
    roomId: 'truck',
    peerId: 'op9',
    role: 'remote',
    connectionId: 'main',
    sdp: 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\n',
    slots: [],
  });
  expect(bed.posted).toContainEqual(
    expect.objectContaining({ type: 'reply', id: 77_001, code: 1002 }),
  );
  const viewer = bed.viewer('op1', [videoSlot('0', 0)]);
  await connected(viewer);
});
