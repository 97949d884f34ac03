import { readU16, writeU16 } from '../big-endian.ts';

/** What a packet is; anything below 0x80 can be told from an RTP packet (RFC 7983). */
export const packetKinds = { message: 1, fragment: 2, acknowledgement: 3 } as const;
export type PacketKind = (typeof packetKinds)[keyof typeof packetKinds];

/** Kind, label, packet number (16 bits), message number (16 bits), loss of the other way. */
export const messageHeaderBytes = 7;

/** One packet of the message path. */
export type MessagePacket = {
  kind: PacketKind;
  /** What the body is for; the two ends agree on it. */
  label: number;
  /** Counts every packet of this way. */
  packetNumber: number;
  /** The same in copies of one message. */
  messageNumber: number;
  /** Packets lost of what comes the other way, 0 to 1. */
  lossShare: number;
  body: Uint8Array;
};

/** The packet as bytes. */
export function buildMessagePacket(packet: MessagePacket): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(messageHeaderBytes + packet.body.length);
  bytes[0] = packet.kind;
  bytes[1] = packet.label;
  writeU16(bytes, 2, packet.packetNumber);
  writeU16(bytes, 4, packet.messageNumber);
  bytes[6] = Math.round(packet.lossShare * 255);
  bytes.set(packet.body, messageHeaderBytes);
  return bytes;
}

/** Reads a packet; undefined for anything else. The body is a view. */
export function parseMessagePacket(bytes: Uint8Array): MessagePacket | undefined {
  const kind = bytes[0] as PacketKind;
  if (bytes.length < messageHeaderBytes || !isKind(kind)) return undefined;
  return {
    kind,
    label: bytes[1] as number,
    packetNumber: readU16(bytes, 2),
    messageNumber: readU16(bytes, 4),
    lossShare: (bytes[6] as number) / 255,
    body: bytes.subarray(messageHeaderBytes),
  };
}

function isKind(kind: number): kind is PacketKind {
  return kind >= packetKinds.message && kind <= packetKinds.acknowledgement;
}
