import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFec } from './encode-fec.ts';
import { type FecSource, fecHeaderBytes, parseFecPacket } from './fec-packet.ts';
import { maxFecRows, maxFecSources } from './parity-matrix.ts';
import { recoverSources } from './recover-sources.ts';

/** Sources with these payloads, the last one with a marker. */
function sourcesOf(payloads: readonly Uint8Array[], first = 65_530): FecSource[] {
  return payloads.map((payload, i) => ({
    sequence: (first + i) & 0xffff,
    marker: i === payloads.length - 1,
    payload,
  }));
}

function symbolsOf(sources: readonly FecSource[], rows: readonly number[]): Uint8Array[] {
  return rows.map((first) => {
    const [packet] = encodeFec(sources, { first, count: 1, announced: rows.length }, 0);
    return (packet as Uint8Array).subarray(fecHeaderBytes);
  });
}

function recover(
  sources: readonly FecSource[],
  lost: readonly number[],
  rows: readonly number[],
  symbols: readonly Uint8Array[],
) {
  const known = sources.map((source, i) => (lost.includes(i) ? undefined : source));
  const symbolBytes = symbols[0]?.length ?? 0;
  return recoverSources({ sources: known, rows, symbols, symbolBytes }, 12);
}

const payload = fc.uint8Array({ minLength: 0, maxLength: 60 });

describe('parity of a block', () => {
  it('F1 begins with row, sources, announced rows, 0 and the base sequence, after the free bytes', () => {
    const sources = sourcesOf([new Uint8Array([1, 2, 3]), new Uint8Array([7])]);
    const packets = encodeFec(sources, { first: 2, count: 3, announced: 9 }, 20);
    expect(packets.map((packet) => packet.length)).toEqual([31, 31, 31]);
    for (const [i, packet] of packets.entries()) {
      expect([...packet.subarray(0, 20)]).toEqual(new Array(20).fill(0));
      expect([...packet.subarray(20, 26)]).toEqual([2 + i, 2, 9, 0, 0xff, 0xfa]);
    }
    expect(parseFecPacket((packets[0] as Uint8Array).subarray(20))).toMatchObject({
      row: 2,
      sources: 2,
      announced: 9,
      baseSequence: 65_530,
    });
  });

  it('F1, F3: row 0 is the XOR of marker, length and padded payload; all parity of one packet is a copy', () => {
    const two = sourcesOf([new Uint8Array([1, 2, 3]), new Uint8Array([7])]);
    const [xor] = symbolsOf(two, [0]);
    expect([...(xor as Uint8Array)]).toEqual([0x80, 3 ^ 1, 1 ^ 7, 2, 3]);
    const one = sourcesOf([new Uint8Array([5, 6])]);
    for (const symbol of symbolsOf(one, [0, 1, 100, maxFecRows - 1])) {
      expect([...symbol]).toEqual([0x80, 2, 5, 6]);
    }
  });

  it('F1 refuses what is no block, and leaves out rows that do not exist', () => {
    const rows = { first: 0, count: 1, announced: 1 };
    expect(() => encodeFec([], rows, 0)).toThrow(RangeError);
    const long = sourcesOf(new Array(maxFecSources + 1).fill(new Uint8Array(1)));
    expect(() => encodeFec(long, rows, 0)).toThrow(RangeError);
    const last = { first: maxFecRows - 1, count: 5, announced: 300 };
    expect(encodeFec(long.slice(1), last, 0)).toHaveLength(1);
  });

  it('F2, F4: any k of the k + m packets give the missing ones, byte for byte, and only those', () => {
    const block = fc.array(payload, { minLength: 1, maxLength: maxFecSources });
    fc.assert(
      fc.property(block, fc.infiniteStream(fc.nat()), (payloads, numbers) => {
        const sources = sourcesOf(payloads);
        const pick = (below: number) => (numbers.next().value as number) % below;
        const lost = payloads.map((_, i) => i).filter(() => pick(3) === 0);
        const rows = new Set<number>();
        while (rows.size < lost.length) rows.add(pick(maxFecRows));
        const symbols = symbolsOf(sources, [...rows]);
        const recovered = recover(sources, lost, [...rows], symbols);
        expect(recovered?.map(({ index }) => index)).toEqual(lost);
        for (const { index, marker, payload: bytes } of recovered ?? []) {
          const source = sources[index] as FecSource;
          expect([...bytes]).toEqual([...source.payload]);
          expect(marker).toBe(source.marker);
          expect(bytes.byteOffset).toBeGreaterThanOrEqual(12);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('F5 gives nothing when what comes out is no packet', () => {
    const sources = sourcesOf([new Uint8Array(40).fill(1), new Uint8Array(30), new Uint8Array(9)]);
    const [symbol] = symbolsOf(sources, [0]) as [Uint8Array];
    const damaged = (at: number, bits: number) => {
      const copy = symbol.slice();
      copy[at] = (copy[at] as number) ^ bits;
      return recover(sources, [1], [0], [copy]);
    };
    expect(damaged(0, 0x7f)).toBeUndefined(); // longer than the block's longest
    expect(damaged(41, 1)).toBeUndefined(); // something in the padding
    expect(damaged(0, 0x80)).toBeUndefined(); // a marker before the end
    expect(recover(sources, [0, 1], [3, 3], [symbol, symbol])).toBeUndefined();
    expect(recover(sources, [0, 1], [0], [symbol])).toBeUndefined();
    expect(recover(sources, [1], [0], [symbol])).toHaveLength(1);
  });
});
