import {
  type DataChannelLabel,
  dataChannels,
  decodeReport,
  type MessageLabel,
  type Report,
  type Slot,
} from '@longreach/protocol';
import {
  canonicalExtensionIds,
  isRtcp,
  PacketBuilder,
  packetizeH264,
  parseRtcp,
  type RtcpPacket,
} from '@longreach/rtp';
import {
  createPeer,
  extensionUris,
  type MediaDescription,
  type MediaTrack,
  type Peer,
  parseMediaDescriptions,
  type TrackDescription,
} from '@longreach/webrtc-node';
import { expect } from 'vitest';
import { MediaWorker } from '../media-worker.ts';
import type { FromWorker, ToWorker } from '../worker-channel.ts';
import { type Channel, createMessageEnd, isMessage } from './message-end.ts';

const roomId = 'truck';
/** A picture that decoding can begin with, in Annex B. */
export const keyFrame = Buffer.from([
  0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 4, 0, 0, 0, 1, 0x65, 9, 9,
]);
/** A picture that needs the ones before. */
export const deltaFrame = Buffer.from([0, 0, 0, 1, 0x41, 5, 5, 5]);

/** Attribute lines of a video m-line. */
export const videoLines = [
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
  'a=rtcp-fb:102 nack',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
];
/** Attribute lines of a datagram player's audio m-line. */
export const datagramLines = [
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  `a=extmap:5 ${extensionUris.transportSequence}`,
];
/** What makes a video m-line one with transport-wide feedback. */
export const feedbackLines = [
  'a=rtcp-fb:102 transport-cc',
  `a=extmap:${canonicalExtensionIds.transportSequence} ${extensionUris.transportSequence}`,
];

/** One far end of the worker. */
export type End = {
  peer: Peer;
  tracks: MediaTrack[];
  /** Data channels, or the messages inside the datagram line. */
  channels: Record<MessageLabel, Channel>;
  /** All that came, by m-line. */
  packets: Buffer[][];
  messages: Record<MessageLabel, Buffer[]>;
  answer: MediaDescription[];
};

/** A machine's far end. */
export type Machine = End & {
  builders: PacketBuilder[];
  send: (stream: number, frame: Buffer, timestamp: number) => Buffer[];
};

type OfferParts = Pick<ToWorker & { type: 'offer' }, 'role' | 'peerId' | 'slots' | 'datagram'> & {
  /** Default `main`. */
  connectionId?: string;
  /** Default true: data channels where no datagram line carries messages. */
  hasMessages?: boolean;
};

const noChannels: End['channels'] = Object.fromEntries(
  ['control', 'command', 'report', 'clock', 'feedback'].map((label) => [
    label,
    { send: () => false },
  ]),
) as unknown as End['channels'];

/** How a video slot is asked for. */
export function videoSlot(mid: string, streamId: number): Slot {
  return { mid, streamId, mediaType: 'video' };
}

/** A media worker with real peers at its other ends. */
export class WorkerBed {
  readonly posted: FromWorker[] = [];
  readonly worker: MediaWorker;
  readonly #ends: End[] = [];
  #nextId = 1;

  constructor(port: number) {
    this.worker = new MediaWorker(
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
      (message) => this.posted.push(message),
    );
  }

  close(): void {
    for (const end of this.#ends) end.peer.close();
    this.worker.close();
  }

  /** Opens a connection with these m-lines; without a datagram line with every data channel. */
  open({ hasMessages = true, ...parts }: OfferParts, descriptions: TrackDescription[]): End {
    const peer = createPeer({ name: parts.peerId, bindAddress: '127.0.0.1' });
    const tracks = descriptions.map((description) => peer.addTrack(description));
    const messages: End['messages'] = {
      control: [],
      command: [],
      report: [],
      clock: [],
      feedback: [],
    };
    const keep = (label: MessageLabel, bytes: Uint8Array) => {
      messages[label].push(Buffer.from(bytes));
    };
    const line = descriptions.findIndex(({ mid }) => mid === parts.datagram?.mid);
    const link = tracks[line] && createMessageEnd(tracks[line], keep);
    const channels = link?.channels ?? (hasMessages ? createChannels(peer, keep) : noChannels);
    const packets = tracks.map((track, index) => {
      const received: Buffer[] = [];
      track.onPacket((packet) => {
        received.push(packet);
        if (index === line) link?.handlePacket(packet);
      });
      return received;
    });
    const sdp = this.#ask({ ...parts, sdp: peer.setLocalDescription('offer') });
    peer.setRemoteDescription(sdp, 'answer');
    const end = { peer, tracks, channels, packets, messages, answer: parseMediaDescriptions(sdp) };
    this.#ends.push(end);
    return end;
  }

  /** A viewer with one m-line of video for each slot. */
  viewer(peerId: string, slots: Slot[], lines: string[] = []): End {
    const descriptions = slots.map(({ mid }) => video(mid, 'recvonly', lines));
    return this.open({ role: 'remote', peerId, slots }, descriptions);
  }

  /** A viewer's connection for one track, without messages. */
  track(peerId: string, slot: Slot): End {
    const connectionId = `track.${slot.streamId}`;
    const parts = { peerId, connectionId, slots: [slot], hasMessages: false };
    return this.open({ role: 'remote', ...parts }, [video(slot.mid, 'recvonly', [])]);
  }

  /** A viewer with one datagram line for these streams. */
  datagramViewer(peerId: string, streams: number[]): End {
    const mids = streams.map((_, place) => `d${place}`);
    const slots = streams.map((streamId, place) => videoSlot(`d${place}`, streamId));
    const lines = [...datagramLines, 'a=ssrc:900 cname:v'];
    const line = { kind: 'audio', mid: '9', direction: 'sendrecv', lines } as const;
    const datagram = { mid: '9', slots: mids };
    return this.open({ role: 'remote', peerId, slots, datagram }, [line]);
  }

  /** A machine with two streams, whose packets go on from another one's when `builders` are that one's. */
  machine(lines: string[] = [], builders = [0, 1].map((i) => builderOf(i, 500))): Machine {
    const descriptions = [0, 1].map((i) => video(`${i}`, 'sendonly', [...lines, ...ssrcLines(i)]));
    const slots = [videoSlot('0', 0), videoSlot('1', 1)];
    const datagram = { mid: 'm', slots: [] };
    const messageLines = ['a=rtpmap:111 opus/48000/2', 'a=ssrc:900 cname:m'];
    const line = { kind: 'audio', mid: 'm', direction: 'sendrecv', lines: messageLines } as const;
    const end = this.open({ role: 'field', peerId: roomId, slots, datagram }, [
      ...descriptions,
      line,
    ]);
    const send = (stream: number, frame: Buffer, timestamp: number) => {
      const captureTimeUs = Math.ceil((timestamp * 1000) / 90);
      const packets = packetizeH264(frame, captureTimeUs, builders[stream] as PacketBuilder);
      for (const packet of packets) end.tracks[stream]?.send(packet);
      return packets;
    };
    return { ...end, builders, send };
  }

  /** Shows another stream in a viewer's slot. */
  subscribe(peerId: string, slot: Slot): void {
    const id = this.#nextId++;
    const key = { roomId, peerId, connectionId: 'main' };
    this.worker.handle({ type: 'subscribe', id, ...key, slot });
  }

  lease(masterId: string, epoch: number, token: string): void {
    const lease = { epoch, masterId: masterId as never, reason: 'granted', token };
    this.worker.handle({ type: 'lease', roomId, lease });
  }

  /** Whether the machine is wanted to produce the stream's video, as last said. */
  demandOf(streamId: number, encoding: 'main' | 'small' = 'main'): boolean | undefined {
    const demands = this.posted.filter((message) => message.type === 'demand');
    return demands.findLast(
      (demand) => demand.streamId === streamId && (demand.encoding ?? 'main') === encoding,
    )?.active;
  }

  #ask(parts: OfferParts & { sdp: string }): string {
    const id = this.#nextId++;
    this.worker.handle({ type: 'offer', id, roomId, connectionId: 'main', ...parts });
    const reply = this.posted.find((message) => message.type === 'reply' && message.id === id);
    if (reply?.type === 'reply' && reply.sdp !== undefined) return reply.sdp;
    throw new Error(`no answer: ${JSON.stringify(reply)}`);
  }
}

function createChannels(
  peer: Peer,
  keep: (label: MessageLabel, bytes: Uint8Array) => void,
): End['channels'] {
  const create = (label: DataChannelLabel) => {
    const channel = peer.createChannel(label, dataChannels[label]);
    channel.onMessage((bytes) => keep(label, bytes));
    return channel;
  };
  const feedback = { isOpen: () => false, send: () => false };
  return {
    ...{ control: create('control'), command: create('command') },
    ...{ report: create('report'), clock: create('clock'), feedback },
  };
}

/** Makes the packets of one of the machine's streams. */
export function builderOf(stream: number, firstSequence: number): PacketBuilder {
  return new PacketBuilder({
    payloadType: 102,
    ssrc: 100 + stream,
    mid: `${stream}`,
    firstSequence,
  });
}

/** Waits until messages of these ends can pass. */
export async function connected(...waited: End[]): Promise<void> {
  for (const end of waited) {
    await expect
      .poll(() => end.channels.control.isOpen() && end.channels.report.isOpen())
      .toBe(true);
  }
}

/** Waits until the viewer gets the machine's first stream. */
export async function shown(field: Machine, viewer: End): Promise<void> {
  await connected(field, viewer);
  await expect
    .poll(() => {
      field.send(0, keyFrame, 3000);
      return rtpOf(viewer).length;
    })
    .toBeGreaterThan(0);
}

/** Packets of media and repairs. */
export function rtpOf(end: End, line = 0): Buffer[] {
  return (end.packets[line] ?? []).filter((packet) => !isRtcp(packet) && !isMessage(packet));
}

export function rtcpOf(end: End, line = 0): RtcpPacket[] {
  return (end.packets[line] ?? []).filter(isRtcp).flatMap((packet) => parseRtcp(packet));
}

export function reportsOf(end: End): Report[] {
  return end.messages.report.flatMap((bytes) => decodeReport(bytes) ?? []);
}

function video(mid: string, direction: 'sendonly' | 'recvonly', lines: string[]): TrackDescription {
  return { kind: 'video', mid, direction, lines: [...videoLines, ...lines] };
}

/** Media, repeats and parity of one of the machine's streams. */
function ssrcLines(stream: number): string[] {
  const [media, rtx, fec] = [100 + stream, 200 + stream, 300 + stream];
  return [
    `a=ssrc-group:FID ${media} ${rtx}`,
    `a=ssrc-group:FEC-FR ${media} ${fec}`,
    ...[media, rtx, fec].map((ssrc) => `a=ssrc:${ssrc} cname:m`),
  ];
}
