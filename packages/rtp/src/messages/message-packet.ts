import { readU16, writeU16 } from '../big-endian.ts';

/** What a packet is; anything below 0x80 can be told from an RTP packet (RFC 7983). */
export const packetKinds = { message: 1, fragment: 2, acknowledgement: 3 } as const;
export type PacketKind = (typeof packetKinds)[keyof typeof packetKinds];

/** Kind, label, packet number, message number, number and age of the newest packet that came (16 bits each), loss. */
export const messageHeaderBytes = 11;

/** One packet of the message path. */
export type MessagePacket = {
  kind: PacketKind;
  /** What the body is for; the two ends agree on it. */
  label: number;
  /** Counts every packet of this way. */
  packetNumber: number;
  /** The same in copies of one message. */
  messageNumber: number;
  /** The newest packet that came the other way, and how long ago; `RoundTripMeter`. */
  echoNumber: number;
  echoHeld: number;
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
  writeU16(bytes, 6, packet.echoNumber);
  writeU16(bytes, 8, packet.echoHeld);
  bytes[10] = Math.round(packet.lossShare * 255);
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
    echoNumber: readU16(bytes, 6),
    echoHeld: readU16(bytes, 8),
    lossShare: (bytes[10] as number) / 255,
    body: bytes.subarray(messageHeaderBytes),
  };
}

function isKind(kind: number): kind is PacketKind {
  return kind >= packetKinds.message && kind <= packetKinds.acknowledgement;
}
