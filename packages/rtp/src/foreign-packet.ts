import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  canonicalOffset,
  type ExtensionIds,
  elementByte,
  hiddenCaptureTime,
  writeCanonicalFrame,
} from './canonical-layout.ts';
import {
  extensionBytes,
  findExtension,
  fixedHeaderBytes,
  isRtp,
  payloadEnd,
  payloadOffset,
} from './rtp-packet.ts';

/**
 * Rebuilds another publisher's packet into our layout and ids; `ids` are the publisher's. Padding and CSRCs
 * are dropped, a playout delay of 0/0 is put in. Undefined when the bytes are no RTP. Never throws.
 */
export function toCanonical(packet: Uint8Array, ids: ExtensionIds): Buffer | undefined {
  if (!isRtp(packet)) return undefined;
  const from = payloadOffset(packet);
  const end = payloadEnd(packet);
  const bytes = Buffer.allocUnsafe(canonicalHeaderBytes + end - from);
  writeCanonicalFrame(bytes, false);
  for (let at = 1; at < fixedHeaderBytes; at++) bytes[at] = packet[at] as number;
  copyElement(packet, ids.mid, bytes, canonicalOffset.mid, canonicalExtensionIds.mid, 1, 2);
  const transport = canonicalOffset.transportSequence;
  copyElement(packet, ids.transportSequence, bytes, transport, 2, 2, 2);
  bytes[canonicalOffset.playoutDelay] = elementByte(canonicalExtensionIds.playoutDelay, 3);
  bytes[canonicalOffset.absCaptureTime] = hiddenCaptureTime;
  // The long form (16 bytes) adds an estimated clock offset after the time: we keep the time.
  const captureTime = canonicalOffset.absCaptureTime;
  copyElement(packet, ids.absCaptureTime, bytes, captureTime, 4, 8, 8, 16);
  bytes.set(packet.subarray(from, end), canonicalHeaderBytes);
  return bytes;
}

/** Copies one element's data when it has `min` to `room` bytes, or the first `room` of one of `longForm` bytes. */
function copyElement(
  packet: Uint8Array,
  id: number,
  bytes: Uint8Array,
  at: number,
  canonicalId: number,
  min: number,
  room: number,
  longForm = room,
): void {
  const dataAt = findExtension(packet, id);
  if (dataAt < 0) return;
  const length = extensionBytes(packet, dataAt);
  if (length < min || (length > room && length !== longForm)) return;
  const copied = Math.min(length, room);
  bytes[at] = (canonicalId << 4) | (copied - 1);
  for (let index = 0; index < copied; index++) {
    bytes[at + 1 + index] = packet[dataAt + index] as number;
  }
}
