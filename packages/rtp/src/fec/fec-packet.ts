import { readU16, writeU16 } from '../big-endian.ts';
import { maxFecRows, maxFecSources } from './parity-matrix.ts';

/** One packet that parity is computed over: consecutive numbers, payloads that nobody changes. */
export type FecSource = { sequence: number; marker: boolean; payload: Uint8Array };

/** Bytes before the parity symbol: row, sources, announced rows, reserved (one byte each), base sequence. */
export const fecHeaderBytes = 6;
/** Bytes of a symbol before the payload: marker (bit 15) and length of the payload. */
export const symbolHeaderBytes = 2;
const maxPayloadBytes = 0x7fff;

/** What one FEC payload says of its block. */
export type FecPacket = {
  /** Which parity row this is. */
  row: number;
  /** Source packets of the block. */
  sources: number;
  /** Parity packets that the sender announced for the block. */
  announced: number;
  /** Sequence number of the first source. */
  baseSequence: number;
  /** The parity symbol, a view. */
  symbol: Uint8Array;
};

/** Writes the 6 header bytes at `offset`. */
export function writeFecHeader(
  target: Uint8Array,
  offset: number,
  header: Omit<FecPacket, 'symbol'>,
): void {
  target[offset] = header.row;
  target[offset + 1] = header.sources;
  target[offset + 2] = header.announced;
  target[offset + 3] = 0;
  writeU16(target, offset + 4, header.baseSequence);
}

/** Reads a FEC payload; undefined when no encoder can have made it. */
export function parseFecPacket(payload: Uint8Array): FecPacket | undefined {
  const symbolBytes = payload.length - fecHeaderBytes;
  if (symbolBytes < symbolHeaderBytes || symbolBytes > symbolHeaderBytes + maxPayloadBytes) return;
  const row = payload[0] as number;
  const sources = payload[1] as number;
  const announced = payload[2] as number;
  if (row >= maxFecRows || sources < 1 || sources > maxFecSources || payload[3] !== 0) return;
  const baseSequence = readU16(payload, 4);
  return { row, sources, announced, baseSequence, symbol: payload.subarray(fecHeaderBytes) };
}
