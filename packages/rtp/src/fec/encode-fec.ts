import { type FecSource, fecHeaderBytes, symbolHeaderBytes, writeFecHeader } from './fec-packet.ts';
import { multiply } from './galois-field.ts';
import { maxFecRows, maxFecSources, parityCoefficient } from './parity-matrix.ts';

/** Which parity rows to make: `count` from `first` on, and how many the block gets in all. */
export type FecRows = { first: number; count: number; announced: number };

/** Four rows are summed at once, one in each byte of a 32-bit word: one look-up serves four packets. */
const rowsPerWord = 4;
const wordTables: (Int32Array | undefined)[] = new Array(
  (maxFecRows / rowsPerWord) * maxFecSources,
).fill(undefined);
let words = new Int32Array(2048);

/**
 * Parity packets over one block of 1 to 64 packets with consecutive numbers (SPEC F1–F3): each begins with `headroom`
 * free bytes for an RTP header, then comes the FEC payload. Rows past 191 do not exist and are left out.
 */
export function encodeFec(
  sources: readonly FecSource[],
  rows: FecRows,
  headroom: number,
): Uint8Array<ArrayBuffer>[] {
  const base = sources[0];
  if (base === undefined || sources.length > maxFecSources) {
    throw new RangeError(`a block has 1 to ${maxFecSources} packets`);
  }
  let longest = 0;
  for (const source of sources) longest = Math.max(longest, source.payload.length);
  const symbolBytes = symbolHeaderBytes + longest;
  const end = Math.min(rows.first + rows.count, maxFecRows);
  const announced = Math.min(rows.announced, maxFecRows);
  const packets: Uint8Array<ArrayBuffer>[] = [];
  for (let row = rows.first; row < end; row++) {
    const packet = new Uint8Array(headroom + fecHeaderBytes + symbolBytes);
    const header = { row, sources: sources.length, announced, baseSequence: base.sequence };
    writeFecHeader(packet, headroom, header);
    packets.push(packet);
  }
  const start = headroom + fecHeaderBytes;
  for (let word = Math.floor(rows.first / rowsPerWord); word * rowsPerWord < end; word++) {
    sumSources(sources, word, symbolBytes);
    for (let lane = 0; lane < rowsPerWord; lane++) {
      const packet = packets[word * rowsPerWord + lane - rows.first];
      if (packet !== undefined) takeLane(packet, start, lane * 8, symbolBytes);
    }
  }
  return packets;
}

function sumSources(sources: readonly FecSource[], word: number, symbolBytes: number): void {
  if (words.length < symbolBytes) words = new Int32Array(symbolBytes);
  const sums = words;
  sums.fill(0, 0, symbolBytes);
  for (let index = 0; index < sources.length; index++) {
    const { payload, marker } = sources[index] as FecSource;
    const table = tableOf(word, index);
    const high = (payload.length >>> 8) | (marker ? 0x80 : 0);
    sums[0] = (sums[0] as number) ^ (table[high] as number);
    sums[1] = (sums[1] as number) ^ (table[payload.length & 0xff] as number);
    addPayload(sums, payload, table);
  }
}

function addPayload(sums: Int32Array, payload: Uint8Array, table: Int32Array): void {
  const count = payload.length;
  for (let i = 0; i < count; i++) {
    const at = i + symbolHeaderBytes;
    sums[at] = (sums[at] as number) ^ (table[payload[i] as number] as number);
  }
}

function takeLane(packet: Uint8Array, start: number, shift: number, symbolBytes: number): void {
  const sums = words;
  for (let i = 0; i < symbolBytes; i++) packet[start + i] = (sums[i] as number) >>> shift;
}

/** For each byte value of a source, its products in four rows; made when first needed. */
function tableOf(word: number, source: number): Int32Array {
  const place = word * maxFecSources + source;
  let table = wordTables[place];
  if (table === undefined) {
    table = new Int32Array(256);
    for (let value = 0; value < 256; value++) {
      let lanes = 0;
      for (let lane = rowsPerWord - 1; lane >= 0; lane--) {
        lanes =
          (lanes << 8) | multiply(parityCoefficient(word * rowsPerWord + lane, source), value);
      }
      table[value] = lanes;
    }
    wordTables[place] = table;
  }
  return table;
}
