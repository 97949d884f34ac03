import { type MessageLabel, messageWays } from '@longreach/protocol';
import { isRtcp, MessageLink, payloadEnd, payloadOffset } from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import { monotonicClock } from '../../monotonic-clock.ts';

/** The way of one kind of messages to the worker. */
export type Channel = { isOpen(): boolean; send(bytes: Uint8Array): boolean };

/** The far end of the messages inside a datagram line. */
export type MessageEnd = {
  channels: Record<MessageLabel, Channel>;
  /** Takes a packet of the line, which may be another one. */
  handlePacket(packet: Buffer): void;
};

const rtp = { payloadType: 111, ssrc: 900, timestampStep: 960 };

/** Sends messages as payloads of the track's own packets. */
export function createMessageEnd(
  track: MediaTrack,
  onMessage: (label: MessageLabel, bytes: Uint8Array) => void,
): MessageEnd {
  let [isOpen, sequence] = [false, 1];
  track.onOpen(() => {
    isOpen = true;
  });
  const sendPacket = (payload: Uint8Array) => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = rtp.payloadType;
    header.writeUInt16BE(sequence & 0xffff, 2);
    header.writeUInt32BE((sequence * rtp.timestampStep) >>> 0, 4);
    header.writeUInt32BE(rtp.ssrc, 8);
    sequence += 1;
    return track.send(Buffer.concat([header, payload]));
  };
  const link = new MessageLink<MessageLabel>({ ways: messageWays, sendPacket, onMessage });
  const channelOf = (label: MessageLabel): Channel => ({
    isOpen: () => isOpen,
    send: (bytes) => link.send(label, bytes, monotonicClock.nowUs()),
  });
  const labels = Object.keys(messageWays) as MessageLabel[];
  return {
    channels: Object.fromEntries(labels.map((label) => [label, channelOf(label)])) as Record<
      MessageLabel,
      Channel
    >,
    handlePacket: (packet) => {
      if (isMessage(packet)) link.handlePacket(payloadOf(packet), monotonicClock.nowUs());
    },
  };
}

/** Whether a packet of any line carries messages. */
export function isMessage(packet: Buffer): boolean {
  if (isRtcp(packet) || packet[1] !== rtp.payloadType) return false;
  const payload = payloadOf(packet);
  return payload.length > 0 && (payload[0] as number) < 0x80;
}

function payloadOf(packet: Buffer): Buffer {
  return packet.subarray(payloadOffset(packet), payloadEnd(packet));
}
