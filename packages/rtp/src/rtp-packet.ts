/** RTP header fields read straight from bytes (RFC 3550 §5.1, RFC 8285). Only `isRtp` looks at lengths: call it first. */
import { readU16, readU32 } from './big-endian.ts';

/** Bytes of an RTP header without CSRCs and extension. */
export const fixedHeaderBytes = 12;
/** Profile value of the one-byte form of header extensions (RFC 8285 §4.2). */
export const oneByteProfile = 0xbede;

/** Whether a packet of a multiplexed port is RTCP rather than RTP (RFC 5761 §4). Never throws. */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1];
  return type !== undefined && type >= 192 && type <= 223 && (bytes[0] as number) >>> 6 === 2;
}

/** Whether the bytes are an RTP packet whose header, extension and padding lie inside them. Never throws. */
export function isRtp(bytes: Uint8Array): boolean {
  if (bytes.length < fixedHeaderBytes || (bytes[0] as number) >>> 6 !== 2) return false;
  if (isRtcp(bytes)) return false;
  const extensionAt = fixedHeaderBytes + 4 * ((bytes[0] as number) & 0x0f);
  if (hasExtension(bytes) && extensionAt + 4 > bytes.length) return false;
  const payloadAt = payloadOffset(bytes);
  if (payloadAt > bytes.length) return false;
  if (((bytes[0] as number) & 0x20) === 0) return true;
  const padding = bytes[bytes.length - 1] as number;
  return padding > 0 && payloadAt + padding <= bytes.length;
}

/** Payload type, 0 to 127. */
export function readPayloadType(bytes: Uint8Array): number {
  return (bytes[1] as number) & 0x7f;
}

/** Marker bit; for video: the last packet of a picture. */
export function readMarker(bytes: Uint8Array): boolean {
  return ((bytes[1] as number) & 0x80) !== 0;
}

/** Sequence number, 16 bits. */
export function readSequence(bytes: Uint8Array): number {
  return readU16(bytes, 2);
}

/** Timestamp, 32 bits, in units of the clock rate. */
export function readTimestamp(bytes: Uint8Array): number {
  return readU32(bytes, 4);
}

/** Synchronisation source, 32 bits. */
export function readSsrc(bytes: Uint8Array): number {
  return readU32(bytes, 8);
}

/** Where the payload begins: the bytes of header, CSRCs and extension. */
export function payloadOffset(bytes: Uint8Array): number {
  const first = bytes[0] as number;
  const extensionAt = fixedHeaderBytes + 4 * (first & 0x0f);
  return (first & 0x10) === 0 ? extensionAt : extensionAt + 4 + 4 * readU16(bytes, extensionAt + 2);
}

/** Where the payload ends: before the padding, if there is any. */
export function payloadEnd(bytes: Uint8Array): number {
  if (((bytes[0] as number) & 0x20) === 0) return bytes.length;
  return bytes.length - (bytes[bytes.length - 1] as number);
}

/**
 * Offset of the data of header extension `id` (1 to 14, one-byte form), or −1 when there is none.
 * Its length is `extensionBytes(bytes, offset)`. Needs a packet for which `isRtp` is true.
 */
export function findExtension(bytes: Uint8Array, id: number): number {
  if (!hasExtension(bytes)) return -1;
  const extensionAt = fixedHeaderBytes + 4 * ((bytes[0] as number) & 0x0f);
  if (readU16(bytes, extensionAt) !== oneByteProfile) return -1;
  const end = payloadOffset(bytes);
  let at = extensionAt + 4;
  while (at < end) {
    const element = bytes[at] as number;
    if (element === 0) {
      at += 1; // padding
      continue;
    }
    const elementId = element >>> 4;
    if (elementId === 15) return -1; // RFC 8285 §4.2: processing stops here
    const next = at + 2 + (element & 0x0f);
    if (next > end) return -1;
    if (elementId === id && id !== 0) return at + 1;
    at = next;
  }
  return -1;
}

/** Length of the extension data that `findExtension` found at `offset`. */
export function extensionBytes(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset - 1] as number) & 0x0f) + 1;
}

function hasExtension(bytes: Uint8Array): boolean {
  return ((bytes[0] as number) & 0x10) !== 0;
}
