import {
  type DataChannelLabel,
  dataChannels,
  decodeReport,
  encodeCommand,
  noToken,
  RefusalCode,
  type Report,
  type Slot,
} from '@longreach/protocol';
import {
  buildNack,
  canonicalHeaderBytes,
  isRtcp,
  PacketBuilder,
  packetizeH264,
  parseRtcp,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import {
  createPeer,
  type MediaTrack,
  type Peer,
  type PeerChannel,
  parseMediaDescriptions,
} from '@longreach/webrtc-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MediaWorker } from './media-worker.ts';
import type { FromWorker } from './worker-channel.ts';

const port = 48301;
const token = '0123456789abcdef';
const keyFrame = Buffer.from([
  0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 4, 0, 0, 0, 1, 0x65, 9, 9,
]);
const deltaFrame = Buffer.from([0, 0, 0, 1, 0x41, 5, 5, 5]);
const extensions = [
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
];
const h264 = [
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
  'a=rtcp-fb:102 nack',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
  ...extensions,
];

let posted: FromWorker[] = [];
let worker: MediaWorker;
let ends: End[] = [];
let nextId = 1;

beforeEach(() => {
  posted = [];
  worker = new MediaWorker(
    {
      bindAddress: '127.0.0.1',
      port,
      announcedAddresses: [],
      limits: {
        messagesPerSecond: 100,
        bytesPerSecond: 102_400,
        unreliablePayloadBytes: 1024,
        reliablePayloadBytes: 10_240,
      },
    },
    (message) => posted.push(message),
  );
});

afterEach(() => {
  for (const end of ends) end.peer.close();
  ends = [];
  worker.close();
});

type End = {
  peer: Peer;
  tracks: MediaTrack[];
  channels: Record<DataChannelLabel, PeerChannel>;
  packets: Buffer[][];
  messages: Record<DataChannelLabel, Buffer[]>;
  ssrcs: number[];
};

/** The far end of a connection: `count` video m-lines, and every data channel. */
function open(role: 'field' | 'remote', peerId: string, count: number, slots: Slot[]): End {
  const peer = createPeer({ name: peerId, bindAddress: '127.0.0.1' });
  const direction = role === 'field' ? 'sendonly' : 'recvonly';
  const tracks = Array.from({ length: count }, (_, i) => {
    const ssrcs =
      role === 'field' ? [`a=ssrc:${100 + i} cname:m`, `a=ssrc:${200 + i} cname:m`] : [];
    return peer.addTrack({ kind: 'video', mid: `${i}`, direction, lines: [...h264, ...ssrcs] });
  });
  const messages = { control: [], command: [], report: [], clock: [] } as End['messages'];
  const channels = Object.fromEntries(
    Object.entries(dataChannels).map(([label, reliability]) => {
      const channel = peer.createChannel(label, reliability);
      channel.onMessage((bytes) => messages[label as DataChannelLabel].push(bytes));
      return [label, channel];
    }),
  ) as End['channels'];
  const packets = tracks.map((track) => {
    const received: Buffer[] = [];
    track.onPacket((packet) => received.push(packet));
    return received;
  });
  const id = nextId++;
  worker.handle({
    type: 'offer',
    id,
    roomId: 'truck',
    peerId,
    role,
    connectionId: 'main',
    sdp: peer.setLocalDescription('offer'),
    slots,
  });
  const reply = posted.find((message) => message.type === 'reply' && message.id === id);
  if (reply?.type !== 'reply' || !reply.sdp) throw new Error(`no answer: ${JSON.stringify(reply)}`);
  peer.setRemoteDescription(reply.sdp, 'answer');
  const ssrcs = parseMediaDescriptions(reply.sdp).map((media) => media.ssrcs[0] ?? 0);
  const end = { peer, tracks, channels, packets, messages, ssrcs };
  ends.push(end);
  return end;
}

const videoSlot = (mid: string, streamId: number): Slot => ({ mid, streamId, mediaType: 'video' });

function machine(): End & { send: (stream: number, frame: Buffer, timestamp: number) => Buffer[] } {
  const end = open('field', 'truck', 2, [videoSlot('0', 0), videoSlot('1', 1)]);
  const builders = [0, 1].map(
    (i) => new PacketBuilder({ payloadType: 102, ssrc: 100 + i, mid: `${i}`, firstSequence: 500 }),
  );
  const send = (stream: number, frame: Buffer, timestamp: number) => {
    const captureTimeUs = Math.ceil((timestamp * 1000) / 90);
    const packets = packetizeH264(frame, captureTimeUs, builders[stream] as PacketBuilder);
    for (const packet of packets) end.tracks[stream]?.send(packet);
    return packets;
  };
  return { ...end, send };
}

async function connected(...waited: End[]): Promise<void> {
  for (const end of waited) {
    await expect
      .poll(() => end.channels.control.isOpen() && end.channels.report.isOpen())
      .toBe(true);
  }
}

function rtpOf(end: End, mid: number): Buffer[] {
  return (end.packets[mid] ?? []).filter((packet) => !isRtcp(packet));
}

/** Whether the machine is wanted to produce the stream's video, as last said. */
function demandOf(streamId: number): boolean | undefined {
  const demands = posted.filter((message) => message.type === 'demand');
  return demands.findLast((demand) => demand.streamId === streamId)?.active;
}

function asksKeyFrame(end: End): boolean {
  const rtcp = (end.packets[0] ?? []).filter(isRtcp);
  return rtcp.some((packet) => parseRtcp(packet).some((part) => part.type === 'pli'));
}

function reportsOf(end: End): Report[] {
  return end.messages.report.flatMap((bytes) => decodeReport(bytes) ?? []);
}

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
  const field = machine();
  const viewer = open('remote', 'op1', 1, [videoSlot('0', 0)]);
  await connected(field, viewer);
  expect(posted).toContainEqual({
    type: 'demand',
    roomId: 'truck',
    streamId: 0,
    mediaType: 'video',
    active: true,
  });
  await expect
    .poll(() => {
      field.send(0, deltaFrame, 1);
      return asksKeyFrame(field);
    })
    .toBe(true);
  expect(rtpOf(viewer, 0)).toEqual([]);
  field.send(0, keyFrame, 3000);
  field.send(0, deltaFrame, 6000);
  await expect
    .poll(() => rtpOf(viewer, 0).at(-1) && readTimestamp(rtpOf(viewer, 0).at(-1) as Buffer))
    .toBe(6000);
  worker.handle({
    type: 'subscribe',
    id: nextId++,
    roomId: 'truck',
    peerId: 'op1',
    connectionId: 'main',
    slot: videoSlot('0', 1),
  });
  field.send(1, deltaFrame, 7000);
  field.send(0, deltaFrame, 8000);
  await expect.poll(() => readTimestamp(rtpOf(viewer, 0).at(-1) as Buffer)).toBe(8000);
  expect(demandOf(0)).toBe(true);
  field.send(1, keyFrame, 9000);
  await expect.poll(() => readTimestamp(rtpOf(viewer, 0).at(-1) as Buffer)).toBe(9000);
  expect([demandOf(0), demandOf(1)]).toEqual([false, true]);
  const shown = rtpOf(viewer, 0);
  const first = readSequence(shown[0] as Buffer);
  expect(shown.map((packet) => (readSequence(packet) - first) & 0xffff)).toEqual(
    shown.map((_, i) => i),
  );
  expect(new Set(shown.map(readSsrc))).toEqual(new Set([viewer.ssrcs[0]]));
  await expect
    .poll(() =>
      reportsOf(viewer)
        .filter((report) => report.kind === 'slot')
        .at(-1),
    )
    .toMatchObject({ mid: '0', streamId: 1, timestampOffset: 0 });
});

test('a lost packet is repeated over RTX with the original payload', async () => {
  const field = machine();
  const viewer = open('remote', 'op1', 1, [videoSlot('0', 0)]);
  await connected(field, viewer);
  await expect
    .poll(() => {
      field.send(0, keyFrame, 3000);
      return rtpOf(viewer, 0).length;
    })
    .toBeGreaterThan(0);
  const wanted = rtpOf(viewer, 0)[0] as Buffer;
  viewer.tracks[0]?.send(buildNack(1, viewer.ssrcs[0] as number, [readSequence(wanted)]));
  await expect
    .poll(() => rtpOf(viewer, 0).some((packet) => readPayloadType(packet) === 103))
    .toBe(true);
  const repeat = rtpOf(viewer, 0).find((packet) => readPayloadType(packet) === 103) as Buffer;
  expect(repeat.readUInt16BE(canonicalHeaderBytes)).toBe(readSequence(wanted));
  expect(repeat.subarray(canonicalHeaderBytes + 2)).toEqual(wanted.subarray(canonicalHeaderBytes));
});

test('the worker asks the machine for what got lost on its leg', async () => {
  const field = machine();
  const viewer = open('remote', 'op1', 1, [videoSlot('0', 0)]);
  await connected(field, viewer);
  await expect
    .poll(() => {
      field.send(0, keyFrame, 3000);
      return rtpOf(viewer, 0).length;
    })
    .toBeGreaterThan(0);
  const skipped = new PacketBuilder({ payloadType: 102, ssrc: 100, mid: '0', firstSequence: 900 });
  for (let i = 0; i < 6; i++) {
    const packets = packetizeH264(deltaFrame, 100_000 + i, skipped);
    if (i !== 1) for (const packet of packets) field.tracks[0]?.send(packet);
  }
  const asked = () =>
    (field.packets[0] ?? [])
      .filter(isRtcp)
      .flatMap((packet) =>
        parseRtcp(packet).flatMap((part) => (part.type === 'nack' ? part.sequences : [])),
      );
  await expect.poll(asked).toContain(901);
});

test('only frames of the master under the present lease pass; a forged epoch and a guest are told why', async () => {
  const field = machine();
  const master = open('remote', 'op1', 1, []);
  const guest = open('remote', 'op2', 1, []);
  await connected(field, master, guest);
  worker.handle({
    type: 'lease',
    roomId: 'truck',
    lease: { epoch: 7, masterId: 'op1' as never, reason: 'granted', token },
  });
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
  const field = machine();
  const guest = open('remote', 'op2', 1, []);
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
  worker.handle({
    type: 'offer',
    id: 77_001,
    roomId: 'truck',
    peerId: 'op9',
    role: 'remote',
    connectionId: 'main',
    sdp: 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\n',
    slots: [],
  });
  expect(posted).toContainEqual(expect.objectContaining({ type: 'reply', id: 77_001, code: 1002 }));
  const viewer = open('remote', 'op1', 1, []);
  await connected(viewer);
});
