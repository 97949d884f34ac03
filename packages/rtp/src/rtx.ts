/** Retransmission payloads (RFC 4588 §4): the original sequence number stands before the original payload. */
import { readU16, writeU16 } from './big-endian.ts';
import { canonicalHeaderBytes, canonicalOffset } from './canonical-layout.ts';

/** Bytes of the original sequence number. */
export const originalSequenceBytes = 2;

/**
 * A copy of a canonical packet as a retransmission of `originalSequence` (as the receiver knows it). It is
 * canonical too: finish it with `rewriteForLeg` and the leg of the RTX stream (its SSRC, payload type, own sequence).
 */
export function wrapRtx(packet: Uint8Array, originalSequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(packet.length + originalSequenceBytes);
  bytes.set(packet, originalSequenceBytes);
  bytes.copyWithin(0, originalSequenceBytes, originalSequenceBytes + canonicalHeaderBytes);
  writeU16(bytes, canonicalHeaderBytes, originalSequence);
  return bytes;
}

/**
 * The original packet inside a canonical retransmission, as a view on the same memory, which it overwrites:
 * the header moves two bytes on. Undefined for one without payload (padding, probing). Never throws.
 */
export function unwrapRtx(
  bytes: Uint8Array,
  original: { ssrc: number; payloadType: number },
): Uint8Array | undefined {
  if (bytes.length <= canonicalHeaderBytes + originalSequenceBytes) return undefined;
  const sequence = readU16(bytes, canonicalHeaderBytes);
  bytes.copyWithin(originalSequenceBytes, 0, canonicalHeaderBytes);
  const packet = bytes.subarray(originalSequenceBytes);
  packet[1] = ((packet[1] as number) & 0x80) | (original.payloadType & 0x7f);
  writeU16(packet, canonicalOffset.sequence, sequence);
  writeU16(packet, canonicalOffset.ssrc, original.ssrc >>> 16);
  writeU16(packet, canonicalOffset.ssrc + 2, original.ssrc);
  return packet;
}
