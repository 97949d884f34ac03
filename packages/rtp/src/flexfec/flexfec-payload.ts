/**
 * One FlexFEC repair payload (draft-ietf-payload-flexible-fec-scheme-03 §4.2, flexible mask, one protected stream):
 *
 * 0 R F P X CC · 1 M PT recovery · 2 length recovery · 4 timestamp recovery · 8 number of SSRCs (1) · 9 reserved ·
 * 12 SSRC · 16 sequence base · 18 K mask 0–14 · [20 K mask 15–45] · repair payload
 *
 * Recovery fields are the XOR of the protected packets' headers; the repair payload is the XOR of what follows
 * their first 12 bytes (CSRCs, extensions, payload, padding). Extensions that are filled in at the last moment
 * (the transport-wide sequence) count as zeros: libwebrtc zeroes them on both sides (ZeroMutableExtensions).
 */
import { readU16, writeU16, writeU32 } from '../big-endian.ts';
import { canonicalHeaderBytes, canonicalOffset } from '../canonical-layout.ts';
import { fixedHeaderBytes } from '../rtp-packet.ts';

/** Sequences that one repair payload can cover with the masks we write (15 and 31 bits), from its base on. */
export const maxMaskedPackets = 46;

const shortMaskBits = 15;
const shortHeaderBytes = 20;
const longHeaderBytes = 24;
/** The last part of a mask says so. */
const lastMaskPart = 0x80;

/** A canonical packet as it is sent, taken apart: nobody changes its payload, but the header is another leg's soon. */
export type ProtectedPacket = {
  /** The first 36 bytes, transport-wide sequence zeroed. */
  header: Uint8Array;
  payload: Uint8Array;
};

/** Repair payload over `packets` behind `headroom` free bytes; all lie within 46 sequences from `baseSequence` on. */
export function encodeRepair(
  packets: readonly ProtectedPacket[],
  baseSequence: number,
  protectedSsrc: number,
  headroom: number,
): Uint8Array<ArrayBuffer> {
  const places = packets.map(({ header }) => (readU16(header, 2) - baseSequence) & 0xffff);
  const maskBytes = Math.max(...places) < shortMaskBits ? shortHeaderBytes : longHeaderBytes;
  const longest = Math.max(...packets.map(({ payload }) => payload.length));
  const repairAt = headroom + maskBytes;
  const extensionBytes = canonicalHeaderBytes - fixedHeaderBytes;
  const bytes = new Uint8Array(repairAt + extensionBytes + longest);
  for (const { header, payload } of packets) {
    xorHeader(bytes, headroom, header, extensionBytes + payload.length);
    xorInto(bytes, repairAt, header, fixedHeaderBytes);
    xorInto(bytes, repairAt + extensionBytes, payload, 0);
  }
  bytes[headroom] = (bytes[headroom] as number) & 0x3f; // R and F: not a repeat, not a fixed mask
  bytes[headroom + 8] = 1;
  writeU32(bytes, headroom + 12, protectedSsrc);
  writeU16(bytes, headroom + 16, baseSequence);
  writeMask(bytes, headroom + 18, places, maskBytes === shortHeaderBytes);
  return bytes;
}

/** The canonical header of a packet as its receiver will protect it. */
export function copyProtectedHeader(packet: Uint8Array): Uint8Array {
  // Not `slice`: a Buffer's is a view.
  const header = new Uint8Array(canonicalHeaderBytes);
  header.set(packet.subarray(0, canonicalHeaderBytes));
  writeU16(header, canonicalOffset.transportSequence + 1, 0);
  return header;
}

function xorHeader(bytes: Uint8Array, at: number, header: Uint8Array, length: number): void {
  bytes[at] = (bytes[at] as number) ^ (header[0] as number);
  bytes[at + 1] = (bytes[at + 1] as number) ^ (header[1] as number);
  writeU16(bytes, at + 2, readU16(bytes, at + 2) ^ length);
  for (let i = 4; i < 8; i++) bytes[at + i] = (bytes[at + i] as number) ^ (header[i] as number);
}

function xorInto(bytes: Uint8Array, at: number, source: Uint8Array, from: number): void {
  const shift = at - from;
  for (let i = from; i < source.length; i++) {
    bytes[shift + i] = (bytes[shift + i] as number) ^ (source[i] as number);
  }
}

function writeMask(bytes: Uint8Array, at: number, places: number[], isShort: boolean): void {
  for (const place of places) {
    // Bit 0 of each part is K; a place's bit follows it.
    const bit = place < shortMaskBits ? place + 1 : place + 2;
    const index = at + (bit >>> 3);
    bytes[index] = (bytes[index] as number) | (0x80 >>> (bit & 7));
  }
  const last = isShort ? at : at + 2;
  bytes[last] = (bytes[last] as number) | lastMaskPart;
}
