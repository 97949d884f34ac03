import { datagramHeaderBytes, datagramPayloadTypes } from '@longreach/protocol';
import {
  buildNack,
  buildPli,
  canonicalHeaderBytes,
  packetizeH264,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  builderOf,
  deltaFrame,
  type End,
  keyFrame,
  reportsOf,
  rtcpOf,
  rtpOf,
  shown,
  videoSlot,
  WorkerBed,
} from './testing/worker-bed.ts';

/** Header of an outer packet with the transport-wide sequence. */
const outerBytes = 20;
let bed: WorkerBed;

beforeEach(() => {
  bed = new WorkerBed(48_302);
});

afterEach(() => bed.close());

/** The packets inside, in the order of arrival. */
function innerOf(viewer: End): Buffer[] {
  return rtpOf(viewer).map((packet) => packet.subarray(outerBytes));
}

test('a datagram player gets whole packets with the payloads as sent, under its own numbers', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [0, 1]);
  await shown(field, viewer);
  const [sent] = field.send(0, deltaFrame, 6000);
  await expect.poll(() => readTimestamp(innerOf(viewer).at(-1) as Buffer)).toBe(6000);
  const inner = innerOf(viewer).at(-1) as Buffer;
  expect(inner.subarray(datagramHeaderBytes)).toEqual(sent?.subarray(canonicalHeaderBytes));
  expect([readPayloadType(inner), readSsrc(inner), readMarker(inner)]).toEqual([
    datagramPayloadTypes.media,
    0,
    true,
  ]);
  const outer = rtpOf(viewer);
  expect(new Set(outer.map(readSsrc))).toEqual(new Set([viewer.answer[0]?.ssrcs[0]]));
  expect(new Set(outer.map(readPayloadType))).toEqual(new Set([111]));
  const first = outer[0] as Buffer;
  outer.forEach((packet, i) => {
    expect((readSequence(packet) - readSequence(first)) & 0xffff).toBe(i);
    expect((readTimestamp(packet) - readTimestamp(first)) >>> 0).toBe(960 * i);
    expect(packet.readUInt32BE(12)).toBe(0xbede0001);
    expect(packet[16]).toBe(0x51);
    expect((packet.readUInt16BE(17) - first.readUInt16BE(17)) & 0xffff).toBe(i);
  });
});

test('slots of a datagram line switch and say so under their virtual mids', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [0]);
  await shown(field, viewer);
  bed.subscribe('op1', videoSlot('d0', 1));
  await expect
    .poll(() => {
      field.send(1, keyFrame, 90_000);
      return reportsOf(viewer).filter((report) => report.kind === 'slot' && report.streamId === 1);
    })
    .toContainEqual({ kind: 'slot', mid: 'd0', streamId: 1, timestampOffset: 0 });
});

test('a key frame whose first packet comes last is shown whole, without a request', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [0]);
  await shown(field, viewer);
  bed.subscribe('op1', videoSlot('d0', 1));
  const large = Buffer.concat([keyFrame, Buffer.alloc(60_000, 0x5a)]);
  const packets = packetizeH264(large, 2_000_000, builderOf(1, 700));
  const [first, ...others] = packets as [Buffer, ...Buffer[]];
  expect(others.length).toBeGreaterThan(40);
  const timestamp = readTimestamp(first);
  for (const packet of [...others, first]) field.tracks[1]?.send(packet);
  const arrived = () => innerOf(viewer).filter((packet) => readTimestamp(packet) === timestamp);
  await expect.poll(() => arrived().length).toBe(packets.length);
  const inOrder = arrived().toSorted((a, b) => ((readSequence(a) - readSequence(b)) << 16) >> 16);
  expect(inOrder.map((packet) => packet.subarray(datagramHeaderBytes))).toEqual(
    packets.map((packet) => packet.subarray(canonicalHeaderBytes)),
  );
});

test('what a player asks for over `feedback` comes again, and a key frame is passed on', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [1, 0]);
  await shown(field, viewer);
  const wanted = innerOf(viewer)[0] as Buffer;
  expect(readSsrc(wanted)).toBe(1);
  await expect.poll(() => viewer.channels.feedback.isOpen()).toBe(true);
  const before = innerOf(viewer).filter((packet) => packet.equals(wanted)).length;
  viewer.channels.feedback.send(buildNack(7, 1, [readSequence(wanted)]));
  await expect
    .poll(() => innerOf(viewer).filter((packet) => packet.equals(wanted)).length)
    .toBeGreaterThan(before);
  const asked = () => rtcpOf(field).filter(({ type }) => type === 'pli').length;
  const askedBefore = asked();
  await expect
    .poll(() => {
      viewer.channels.feedback.send(buildPli(7, 1));
      return asked();
    })
    .toBeGreaterThan(askedBefore);
});

test('a datagram line that is none is refused', () => {
  const line = { kind: 'video', mid: '9', direction: 'recvonly' } as const;
  const datagram = { mid: '9', slots: ['d0'] };
  const parts = { role: 'remote', peerId: 'op1', slots: [], datagram } as const;
  const lines = ['a=rtpmap:102 H264/90000', 'a=fmtp:102 packetization-mode=1'];
  expect(() => bed.open({ ...parts, slots: [] }, [{ ...line, lines }])).toThrow('1002');
});
