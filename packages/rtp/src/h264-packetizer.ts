import { splitAnnexB } from './annex-b.ts';
import { canonicalHeaderBytes } from './canonical-layout.ts';
import { NalType } from './h264-nal.ts';
import { rtpTimestamp } from './ntp-time.ts';
import type { PacketBuilder } from './packet-builder.ts';

/** RTP clock rate of video (RFC 6184 §8.2.1). */
export const videoClockRate = 90_000;
/** Largest RTP payload, bytes: with headers, SRTP and RTX it stays below 1,200, which every path carries. */
export const maxPayloadBytes = 1_100;

/** One RTP payload to be: a view of a NAL unit's bytes behind a short prefix, or several units in one STAP-A. */
type Piece =
  | { kind: 'single'; unit: Buffer }
  | { kind: 'aggregate'; units: Buffer[] }
  | { kind: 'fragment'; unit: Buffer; from: number; to: number };

/**
 * Cuts one access unit (Annex B) into RTP packets (RFC 6184, packetization-mode 1), marker on the last.
 * The timestamp is the capture time (machine clock, µs) at 90 kHz. Delimiters are dropped; nothing but
 * delimiters gives no packets.
 */
export function packetizeH264(
  accessUnit: Uint8Array,
  captureTimeUs: number,
  builder: PacketBuilder,
  maxBytes = maxPayloadBytes,
): Buffer[] {
  const pieces = cut(splitAnnexB(accessUnit), maxBytes);
  const timestamp = rtpTimestamp(captureTimeUs, videoClockRate);
  return pieces.map((piece, index) => {
    const marker = index === pieces.length - 1;
    const packet = builder.build(pieceBytes(piece), marker, timestamp, captureTimeUs);
    writePiece(packet, piece);
    return packet;
  });
}

/** Small units that precede a slice (parameter sets, SEI) wait for it, so that they travel with its start. */
function cut(units: Buffer[], maxBytes: number): Piece[] {
  const pieces: Piece[] = [];
  let waiting: Buffer[] = [];
  const flush = () => {
    const [first] = waiting;
    if (first !== undefined && waiting.length === 1) pieces.push({ kind: 'single', unit: first });
    else if (first !== undefined) pieces.push({ kind: 'aggregate', units: waiting });
    waiting = [];
  };
  for (const unit of units) {
    const type = nalType(unit);
    if (type === NalType.accessUnitDelimiter) continue;
    if (aggregateBytes(waiting) + 2 + unit.length > maxBytes) flush();
    const precedesSlice = type >= NalType.sei && type <= NalType.pps;
    if (unit.length > maxBytes) fragment(unit, maxBytes, pieces);
    else if (precedesSlice || waiting.length > 0) waiting.push(unit);
    else pieces.push({ kind: 'single', unit });
    if (!precedesSlice) flush();
  }
  flush();
  return pieces;
}

/** Fragments of equal size rather than full ones and a rest: losses then weigh the same, and pacing is even. */
function fragment(unit: Buffer, maxBytes: number, pieces: Piece[]): void {
  const bytes = unit.length - 1; // the NAL header is carried in indicator and FU header
  const count = Math.ceil(bytes / (maxBytes - 2));
  for (let index = 0; index < count; index++) {
    const from = 1 + Math.floor((bytes * index) / count);
    const to = 1 + Math.floor((bytes * (index + 1)) / count);
    pieces.push({ kind: 'fragment', unit, from, to });
  }
}

function pieceBytes(piece: Piece): number {
  switch (piece.kind) {
    case 'single':
      return piece.unit.length;
    case 'aggregate':
      return aggregateBytes(piece.units);
    case 'fragment':
      return 2 + piece.to - piece.from;
  }
}

function writePiece(packet: Buffer, piece: Piece): void {
  switch (piece.kind) {
    case 'single':
      packet.set(piece.unit, canonicalHeaderBytes);
      return;
    case 'aggregate':
      writeAggregate(packet, piece.units);
      return;
    case 'fragment':
      writeFragment(packet, piece.unit, piece.from, piece.to);
  }
}

/** RFC 6184 §5.7.1; the indicator takes the highest importance of its units. */
function writeAggregate(packet: Buffer, units: Buffer[]): void {
  let importance = 0;
  let forbidden = 0;
  let at = canonicalHeaderBytes + 1;
  for (const unit of units) {
    const header = unit[0] as number;
    importance = Math.max(importance, header & 0x60);
    forbidden |= header & 0x80;
    packet.writeUInt16BE(unit.length, at);
    packet.set(unit, at + 2);
    at += 2 + unit.length;
  }
  packet[canonicalHeaderBytes] = forbidden | importance | NalType.stapA;
}

/** RFC 6184 §5.8. */
function writeFragment(packet: Buffer, unit: Buffer, from: number, to: number): void {
  const header = unit[0] as number;
  const start = from === 1 ? 0x80 : 0;
  const end = to === unit.length ? 0x40 : 0;
  packet[canonicalHeaderBytes] = (header & 0xe0) | NalType.fuA;
  packet[canonicalHeaderBytes + 1] = start | end | (header & 0x1f);
  packet.set(unit.subarray(from, to), canonicalHeaderBytes + 2);
}

function aggregateBytes(units: Buffer[]): number {
  return units.reduce((sum, unit) => sum + 2 + unit.length, 1);
}

function nalType(unit: Buffer): number {
  return (unit[0] as number) & 0x1f;
}
