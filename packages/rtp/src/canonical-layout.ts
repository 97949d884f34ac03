/**
 * Our fixed header: 12 bytes RTP, 4 bytes 0xBEDE and length, 20 bytes of extensions, always at the same
 * places, so that a worker rewrites a packet for each leg in place and the payload never moves.
 *
 * 16 mid (1 + 2) · 19 transport-wide sequence (1 + 2) · 22 playout delay (1 + 3) · 26 absolute capture time (1 + 8) · 35 padding
 *
 * An element that a leg did not negotiate becomes zero bytes, which are padding (RFC 8285 §4.1.2). The
 * capture time cannot: its value must survive for the next leg. Its header byte gets id 15 instead, at which every
 * receiver stops reading (RFC 8285 §4.2); nothing follows it, so nothing is lost, and no negotiated id is taken.
 */
import { readU16, readU32, writeU16, writeU32 } from './big-endian.ts';
import { oneByteProfile } from './rtp-packet.ts';

/** Ids of the header extensions on one leg; 0 = not negotiated. An id above 14 counts as 0. */
export type ExtensionIds = {
  mid: number;
  transportSequence: number;
  playoutDelay: number;
  absCaptureTime: number;
};

/** The ids between machine and worker. */
export const canonicalExtensionIds: Readonly<ExtensionIds> = Object.freeze({
  mid: 1,
  transportSequence: 2,
  playoutDelay: 3,
  absCaptureTime: 4,
});

/** Bytes before the payload of every canonical packet. */
export const canonicalHeaderBytes = 36;

/** Where things lie; for extensions, the header byte of the element, its data follows. */
export const canonicalOffset = {
  sequence: 2,
  timestamp: 4,
  ssrc: 8,
  profile: 12,
  mid: 16,
  transportSequence: 19,
  playoutDelay: 22,
  absCaptureTime: 26,
  padding: 35,
  payload: canonicalHeaderBytes,
} as const;

/** First byte: version 2, no padding, extension, no CSRC. */
const canonicalFirstByte = 0x90;
const extensionWords = 5;
/** Id 15, 8 bytes: a capture time that this leg must not read. */
export const hiddenCaptureTime = 0xf7;

/** What stays the same for all packets of one stream on one leg; made once by `createLeg`. */
export type Leg = {
  readonly payloadType: number;
  readonly ssrc: number;
  /** The mid element's three bytes as they are sent. */
  readonly mid0: number;
  readonly mid1: number;
  readonly mid2: number;
  /** Header bytes of the other elements; 0 = not negotiated. */
  readonly transportSequenceByte: number;
  readonly playoutDelayByte: number;
  readonly absCaptureTimeByte: number;
};

/** How a leg is described. */
export type LegOptions = {
  payloadType: number;
  ssrc: number;
  /** One or two ASCII characters; a longer one cannot be carried and is left out (the SDP must then name the SSRC). */
  mid: string;
  extensionIds: ExtensionIds;
};

/** Prepares the bytes that every packet of a leg gets. */
export function createLeg(options: LegOptions): Leg {
  const ids = options.extensionIds;
  const { mid } = options;
  const midFits = mid.length >= 1 && mid.length <= 2;
  const midId = midFits ? usableId(ids.mid) : 0;
  return {
    payloadType: options.payloadType & 0x7f,
    ssrc: options.ssrc >>> 0,
    mid0: midId === 0 ? 0 : (midId << 4) | (mid.length - 1),
    mid1: midId === 0 ? 0 : mid.charCodeAt(0) & 0xff,
    mid2: midId === 0 || mid.length === 1 ? 0 : mid.charCodeAt(1) & 0xff,
    transportSequenceByte: elementByte(ids.transportSequence, 2),
    playoutDelayByte: elementByte(ids.playoutDelay, 3),
    absCaptureTimeByte: elementByte(ids.absCaptureTime, 8) || hiddenCaptureTime,
  };
}

/** Whether the packet has our layout with our ids, elements being present or left out. Cheap; never throws. */
export function isCanonical(bytes: Uint8Array): boolean {
  return (
    bytes.length >= canonicalHeaderBytes &&
    bytes[0] === canonicalFirstByte &&
    readU32(bytes, canonicalOffset.profile) === oneByteProfile * 65_536 + extensionWords &&
    isCanonicalMid(bytes) &&
    (bytes[19] === 0x21 || (bytes[19] === 0 && bytes[20] === 0 && bytes[21] === 0)) &&
    (bytes[22] === 0x32 || (bytes[22] === 0 && bytes[23] === 0 && readU16(bytes, 24) === 0)) &&
    (bytes[26] === 0x47 || bytes[26] === hiddenCaptureTime) &&
    bytes[35] === 0
  );
}

/** Writes the bytes of the header that no leg changes; everything after them is `rewriteForLeg`'s. */
export function writeCanonicalFrame(bytes: Uint8Array, marker: boolean): void {
  bytes[0] = canonicalFirstByte;
  bytes[1] = marker ? 0x80 : 0;
  writeU32(bytes, canonicalOffset.profile, oneByteProfile * 65_536 + extensionWords);
  bytes.fill(0, canonicalOffset.mid, canonicalHeaderBytes);
}

/**
 * Makes a canonical packet one of this leg, in place; marker, capture time and payload stay. It may be called
 * any number of times on the same bytes, for other legs. A capture time of 0 (none known) is never shown.
 */
export function rewriteForLeg(
  bytes: Uint8Array,
  leg: Leg,
  sequence: number,
  timestamp: number,
  transportSequence: number,
): void {
  bytes[1] = ((bytes[1] as number) & 0x80) | leg.payloadType;
  bytes[2] = sequence >>> 8;
  bytes[3] = sequence;
  writeU32(bytes, 4, timestamp);
  writeU32(bytes, 8, leg.ssrc);
  bytes[16] = leg.mid0;
  bytes[17] = leg.mid1;
  bytes[18] = leg.mid2;
  bytes[19] = leg.transportSequenceByte;
  writeU16(bytes, 20, leg.transportSequenceByte === 0 ? 0 : transportSequence);
  bytes[22] = leg.playoutDelayByte;
  bytes[23] = 0;
  bytes[24] = 0;
  bytes[25] = 0;
  bytes[26] = hasCaptureTime(bytes) ? leg.absCaptureTimeByte : hiddenCaptureTime;
}

/** Writes the transport-wide sequence of a canonical packet just before it is sent, when its leg has that element. */
export function writeTransportSequence(bytes: Uint8Array, transportSequence: number): void {
  if (bytes[canonicalOffset.transportSequence] !== 0) writeU16(bytes, 20, transportSequence);
}

/** The transport-wide sequence of a canonical packet; −1 when its leg has none. */
export function readTransportSequence(bytes: Uint8Array): number {
  return bytes[canonicalOffset.transportSequence] === 0 ? -1 : readU16(bytes, 20);
}

function isCanonicalMid(bytes: Uint8Array): boolean {
  const header = bytes[canonicalOffset.mid];
  if (header === 0x11) return true;
  return bytes[18] === 0 && (header === 0x10 || (header === 0 && bytes[17] === 0));
}

function hasCaptureTime(bytes: Uint8Array): boolean {
  const value = canonicalOffset.absCaptureTime + 1;
  return readU32(bytes, value) !== 0 || readU32(bytes, value + 4) !== 0;
}

/** Header byte of an element of `length` bytes under `id`; 0 when the id is not usable. */
export function elementByte(id: number, length: number): number {
  const usable = usableId(id);
  return usable === 0 ? 0 : (usable << 4) | (length - 1);
}

function usableId(id: number): number {
  return Number.isInteger(id) && id >= 1 && id <= 14 ? id : 0;
}
