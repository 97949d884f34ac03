import { symbolHeaderBytes } from './fec-packet.ts';
import { addProduct } from './galois-field.ts';
import { invertMatrix, maxFecSources, parityCoefficient } from './parity-matrix.ts';

/** What is known of a block: its sources by place (undefined: missing), and parity symbols of equal length. */
export type ReceivedBlock = {
  sources: readonly ({ marker: boolean; payload: Uint8Array } | undefined)[];
  rows: readonly number[];
  symbols: readonly Uint8Array[];
  symbolBytes: number;
};

/** A source that was computed; in front of the payload its buffer has the wanted free bytes. */
export type RecoveredSource = { index: number; marker: boolean; payload: Uint8Array<ArrayBuffer> };

const sourceHeader = new Uint8Array(symbolHeaderBytes);
let scratch = new Uint8Array(16 * 1024);

/**
 * Computes the missing sources of a block, which are at most as many as its parity symbols, and nothing else (SPEC
 * F4, F5). Undefined when what comes out is no packet: then one of the symbols is wrong.
 */
export function recoverSources(
  block: ReceivedBlock,
  headroom: number,
): RecoveredSource[] | undefined {
  const missing: number[] = [];
  for (let i = 0; i < block.sources.length; i++) if (!block.sources[i]) missing.push(i);
  const count = missing.length;
  if (count > block.rows.length || block.sources.length > maxFecSources) return undefined;
  const matrix = new Uint8Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < count; i++) {
      matrix[row * count + i] = parityCoefficient(block.rows[row] as number, missing[i] as number);
    }
  }
  const inverted = invertMatrix(matrix, count);
  if (inverted === undefined) return undefined; // a row given twice
  const remainders = subtractKnown(block, count);
  const recovered: RecoveredSource[] = [];
  for (let i = 0; i < count; i++) {
    const factors = inverted.subarray(i * count, (i + 1) * count);
    const symbol = combine(remainders, factors, block.symbolBytes, headroom);
    const source = readSymbol(symbol, block.symbolBytes, missing[i] as number);
    if (source === undefined) return undefined;
    if (source.marker && source.index !== block.sources.length - 1) return undefined;
    recovered.push(source);
  }
  return recovered;
}

/** The first `count` symbols less what the known sources put in: sums over the missing ones alone. */
function subtractKnown(block: ReceivedBlock, count: number): Uint8Array[] {
  const { symbolBytes } = block;
  if (scratch.length < count * symbolBytes) scratch = new Uint8Array(count * symbolBytes);
  const remainders: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const remainder = scratch.subarray(i * symbolBytes, (i + 1) * symbolBytes);
    remainder.set(block.symbols[i] as Uint8Array);
    for (let index = 0; index < block.sources.length; index++) {
      const source = block.sources[index];
      if (source === undefined) continue;
      const factor = parityCoefficient(block.rows[i] as number, index);
      sourceHeader[0] = (source.payload.length >>> 8) | (source.marker ? 0x80 : 0);
      sourceHeader[1] = source.payload.length;
      addProduct(remainder, 0, sourceHeader, factor);
      addProduct(remainder, symbolHeaderBytes, source.payload, factor);
    }
    remainders.push(remainder);
  }
  return remainders;
}

/** One symbol in a buffer whose free bytes and symbol header together are the headroom before the payload. */
function combine(
  remainders: readonly Uint8Array[],
  factors: Uint8Array,
  symbolBytes: number,
  headroom: number,
): Uint8Array<ArrayBuffer> {
  const before = Math.max(0, headroom - symbolHeaderBytes);
  const symbol = new Uint8Array(before + symbolBytes);
  for (let i = 0; i < remainders.length; i++) {
    addProduct(symbol, before, remainders[i] as Uint8Array, factors[i] as number);
  }
  return symbol;
}

function readSymbol(
  buffer: Uint8Array<ArrayBuffer>,
  symbolBytes: number,
  index: number,
): RecoveredSource | undefined {
  const start = buffer.length - symbolBytes;
  const high = buffer[start] as number;
  const length = ((high & 0x7f) << 8) | (buffer[start + 1] as number);
  const payloadStart = start + symbolHeaderBytes;
  const end = payloadStart + length;
  if (end > buffer.length) return undefined;
  for (let i = end; i < buffer.length; i++) if (buffer[i] !== 0) return undefined;
  return { index, marker: (high & 0x80) !== 0, payload: buffer.subarray(payloadStart, end) };
}
