import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeU16, writeU32 } from './big-endian.ts';
import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  isCanonical,
  rewriteForLeg,
} from './canonical-layout.ts';
import { toCanonical } from './foreign-packet.ts';
import {
  extensionBytes,
  findExtension,
  isRtcp,
  isRtp,
  payloadEnd,
  payloadOffset,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from './rtp-packet.ts';
import { unwrapRtx } from './rtx.ts';

/** Fields that a generated packet was built from. */
type ForeignFields = {
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
const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .tuple(fc.constantFrom(0x80, 0x90, 0xb0, 0xbf, 0x81), fc.uint8Array({ maxLength: 120 }))
    .map(([first, rest]) => Uint8Array.of(first, ...rest)),
  fc
    .tuple(fc.uint8Array({ minLength: 11, maxLength: 11 }), fc.uint8Array({ maxLength: 60 }))
    .map(([head, rest]) => Uint8Array.of(0x90, ...head, 0xbe, 0xde, 0, 5, ...rest)),
);

/** A valid packet with random CSRCs, one-byte extensions, padding and payload. */
const foreignPacket = fc
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
function encodeForeign(fields: ForeignFields): Uint8Array {
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

const leg = createLeg({ payloadType: 96, ssrc: 1, mid: '1', extensionIds: canonicalExtensionIds });

function extension(bytes: Uint8Array, id: number): number[] | undefined {
  const at = findExtension(bytes, id);
  return at < 0 ? undefined : [...bytes.subarray(at, at + extensionBytes(bytes, at))];
}

describe('packets of other publishers', () => {
  it('reads every field of a packet with CSRCs, extensions and padding', () => {
    fc.assert(
      fc.property(foreignPacket, ({ bytes, fields }) => {
        expect(isRtp(bytes)).toBe(true);
        expect(readPayloadType(bytes)).toBe(fields.payloadType);
        expect(readMarker(bytes)).toBe(fields.marker);
        expect(readSequence(bytes)).toBe(fields.sequence);
        expect(readTimestamp(bytes)).toBe(fields.timestamp);
        expect(readSsrc(bytes)).toBe(fields.ssrc);
        expect(bytes.subarray(payloadOffset(bytes), payloadEnd(bytes))).toEqual(fields.payload);
        for (const [id, data] of fields.extensions) {
          const at = findExtension(bytes, id);
          expect(bytes.subarray(at, at + extensionBytes(bytes, at))).toEqual(data);
        }
        for (let id = 0; id <= 15; id++) {
          if (!fields.extensions.has(id)) expect(findExtension(bytes, id)).toBe(-1);
        }
      }),
    );
  });

  it('accepts nothing whose parts reach past the end, and never throws', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        isRtcp(bytes);
        for (let id = 0; id <= 15; id++) findExtension(bytes, id);
        if (!isRtp(bytes)) return;
        expect(payloadOffset(bytes)).toBeLessThanOrEqual(payloadEnd(bytes));
        expect(payloadEnd(bytes)).toBeLessThanOrEqual(bytes.length);
      }),
    );
    fc.assert(
      fc.property(foreignPacket, fc.nat(200), ({ bytes }, cut) => {
        const end = payloadOffset(bytes);
        expect(isRtp(bytes.subarray(0, Math.min(cut, end - 1)))).toBe(false);
      }),
    );
  });

  it('rebuilds other publishers’ packets without touching payload or capture time', () => {
    const ids = { mid: 4, transportSequence: 5, playoutDelay: 6, absCaptureTime: 7 };
    fc.assert(
      fc.property(foreignPacket, ({ bytes, fields }) => {
        const packet = toCanonical(bytes, ids);
        expect(packet && isCanonical(packet) && isRtp(packet)).toBe(true);
        if (!packet) return;
        expect([...packet.subarray(canonicalHeaderBytes)]).toEqual([...fields.payload]);
        expect(readSequence(packet)).toBe(fields.sequence);
        expect(readTimestamp(packet)).toBe(fields.timestamp);
        expect(readMarker(packet)).toBe(fields.marker);
        const time = fields.extensions.get(7);
        const readable = time && (time.length === 8 || time.length === 16);
        expect(extension(packet, 4)).toEqual(readable ? [...time.subarray(0, 8)] : undefined);
        const mid = fields.extensions.get(4);
        expect(extension(packet, 1)).toEqual(mid && mid.length <= 2 ? [...mid] : undefined);
      }),
    );
  });

  it('finds no extension whose data would reach into the payload', () => {
    const packet = Uint8Array.of(
      0x90,
      96,
      0,
      1,
      ...Array(8).fill(1),
      0xbe,
      0xde,
      0,
      1,
      0x17,
      0,
      0,
      0,
    );
    expect(findExtension(Uint8Array.of(...packet, ...Array(20).fill(7)), 1)).toBe(-1);
  });

  it('never shows a capture time that nobody gave', () => {
    const foreign = Uint8Array.of(0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9);
    const packet = toCanonical(foreign, canonicalExtensionIds);
    if (!packet) throw new Error('not rebuilt');
    rewriteForLeg(packet, leg, 1, 2, 3);
    expect(extension(packet, 4)).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        if (isCanonical(bytes)) expect(payloadOffset(bytes)).toBe(canonicalHeaderBytes);
        const rebuilt = toCanonical(bytes, canonicalExtensionIds);
        expect(rebuilt !== undefined).toBe(isRtp(bytes));
        if (rebuilt) expect(isCanonical(rebuilt)).toBe(true);
        rewriteForLeg(bytes, leg, 1, 2, 3);
        unwrapRtx(bytes, { ssrc: 1, payloadType: 1 });
      }),
    );
  });
});
