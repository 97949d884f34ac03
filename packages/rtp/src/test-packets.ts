/** Arbitraries for tests: bytes of any kind and well-formed packets of other people's publishers. */
import fc from 'fast-check';
import { writeU16, writeU32 } from './big-endian.ts';

/** Fields that a generated packet was built from. */
export type ForeignFields = {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  csrcs: number;
  /** Data by id, one-byte form; empty = no extension block. */
  extensions: Map<number, Uint8Array>;
  payload: Uint8Array;
  padding: number;
};

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);

/** Bytes that often look like a packet's beginning. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .tuple(fc.constantFrom(0x80, 0x90, 0xb0, 0xbf, 0x81), fc.uint8Array({ maxLength: 120 }))
    .map(([first, rest]) => Uint8Array.of(first, ...rest)),
  fc
    .tuple(fc.uint8Array({ minLength: 11, maxLength: 11 }), fc.uint8Array({ maxLength: 60 }))
    .map(([head, rest]) => Uint8Array.of(0x90, ...head, 0xbe, 0xde, 0, 5, ...rest)),
);

/** A valid packet with random CSRCs, one-byte extensions, padding and payload. */
export const foreignPacket = fc
  .record({
    payloadType: fc.integer({ min: 96, max: 127 }),
    marker: fc.boolean(),
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    csrcs: fc.nat(15),
    extensions: fc
      .uniqueArray(
        fc.tuple(fc.integer({ min: 1, max: 14 }), fc.uint8Array({ minLength: 1, maxLength: 16 })),
        { selector: ([id]) => id, maxLength: 5 },
      )
      .map((list) => new Map(list)),
    payload: fc.uint8Array({ maxLength: 40 }),
    padding: fc.nat(9),
  })
  .map((fields: ForeignFields) => ({ fields, bytes: encodeForeign(fields) }));

/** Bytes of such a packet. */
export function encodeForeign(fields: ForeignFields): Uint8Array {
  const block = [...fields.extensions].flatMap(([id, data]) => [
    (id << 4) | (data.length - 1),
    ...data,
    0, // padding between elements is legal
  ]);
  while (block.length % 4 !== 0) block.push(0);
  const extended = block.length > 0;
  const first = 0x80 | (fields.padding > 0 ? 0x20 : 0) | (extended ? 0x10 : 0) | fields.csrcs;
  const head = new Uint8Array(12 + 4 * fields.csrcs + (extended ? 4 : 0));
  head[0] = first;
  head[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  writeU16(head, 2, fields.sequence);
  writeU32(head, 4, fields.timestamp);
  writeU32(head, 8, fields.ssrc);
  if (extended) writeU32(head, head.length - 4, 0xbede0000 + block.length / 4);
  const padding = new Uint8Array(fields.padding);
  if (fields.padding > 0) padding[fields.padding - 1] = fields.padding;
  return Uint8Array.of(...head, ...block, ...fields.payload, ...padding);
}
