import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitAnnexB } from './annex-b.ts';
import { canonicalHeaderBytes, isCanonical } from './canonical-layout.ts';
import { KeyFrameDetector, keyFrameStart } from './h264-key-frame.ts';
import { NalType } from './h264-nal.ts';
import { maxPayloadBytes, packetizeH264 } from './h264-packetizer.ts';
import { packetizeOpus } from './opus-packetizer.ts';
import { PacketBuilder } from './packet-builder.ts';
import { isRtp, readMarker, readSequence, readTimestamp } from './rtp-packet.ts';
import { H264Depacketizer } from './testing/h264-depacketizer.ts';

const builder = () =>
  new PacketBuilder({ payloadType: 102, ssrc: 9, mid: '0', firstSequence: 65_530 });

/** A NAL unit without start codes inside and without a zero at its end, as an encoder makes it. */
function unit(type: number, length: number, importance = 3): Buffer {
  const bytes = Buffer.alloc(Math.max(2, length), 0xa5);
  for (let at = 1; at < bytes.length; at++) bytes[at] = 1 + ((at * 31) % 255);
  bytes[0] = (importance << 5) | type;
  return bytes;
}

function annexB(units: Buffer[], shortCodes = false): Buffer {
  const code = shortCodes ? Buffer.of(0, 0, 1) : Buffer.of(0, 0, 0, 1);
  return Buffer.concat(units.flatMap((bytes) => [code, bytes]));
}

const payloadOf = (packet: Buffer) => packet.subarray(canonicalHeaderBytes);
const typeOf = (packet: Buffer) => (packet[canonicalHeaderBytes] ?? 0) & 0x1f;

const units = fc.array(
  fc
    .tuple(fc.constantFrom(1, 5, 6, 7, 8, 9, 12), fc.integer({ min: 2, max: 5_000 }), fc.nat(3))
    .map(([type, length, importance]) => unit(type, length, importance)),
  { minLength: 1, maxLength: 8 },
);

describe('h264 packetizer', () => {
  it('round trip: the access unit without delimiters, packets within the limit, marker on the last', () => {
    fc.assert(
      fc.property(units, fc.boolean(), fc.integer({ min: 60, max: 1_100 }), (list, short, max) => {
        const packets = packetizeH264(annexB(list, short), 1_000_000, builder(), max);
        const kept = list.filter(
          (bytes) => ((bytes[0] ?? 0) & 0x1f) !== NalType.accessUnitDelimiter,
        );
        const depacketizer = new H264Depacketizer();
        const whole = packets.map((packet) => depacketizer.push(packet));
        packets.forEach((packet, index) => {
          expect(isRtp(packet) && isCanonical(packet)).toBe(true);
          expect(payloadOf(packet).length).toBeLessThanOrEqual(max);
          expect(readMarker(packet)).toBe(index === packets.length - 1);
          expect(readSequence(packet)).toBe((65_530 + index) & 0xffff);
          expect(readTimestamp(packet)).toBe(90_000);
        });
        expect(whole.slice(0, -1).every((picture) => picture === undefined)).toBe(true);
        if (kept.length === 0) expect(packets).toEqual([]);
        else expect(whole.at(-1)?.data.equals(annexB(kept))).toBe(true);
      }),
    );
  });

  it('puts parameter sets and a small IDR into one STAP-A', () => {
    const access = annexB([unit(9, 2), unit(7, 25), unit(8, 6), unit(5, 800)]);
    const packets = packetizeH264(access, 0, builder());
    expect(packets.map(typeOf)).toEqual([NalType.stapA]);
    expect(packets[0]?.[canonicalHeaderBytes]).toBe(0x60 | NalType.stapA);
  });

  it('sends parameter sets in one STAP-A before a large IDR, in fragments of even size', () => {
    const access = annexB([unit(7, 25), unit(8, 6), unit(5, 10_000)]);
    const packets = packetizeH264(access, 0, builder());
    expect(packets.map(typeOf)).toEqual([NalType.stapA, ...Array(10).fill(NalType.fuA)]);
    const sizes = packets.slice(1).map((packet) => payloadOf(packet).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxPayloadBytes);
  });

  it('a lost packet costs the picture it belongs to and no other', () => {
    const made = builder();
    const key = packetizeH264(annexB([unit(7, 20), unit(8, 5), unit(5, 3_000)]), 0, made);
    const next = packetizeH264(annexB([unit(1, 3_000)]), 33_333, made);
    const last = packetizeH264(annexB([unit(1, 3_000)]), 66_666, made);
    const depacketizer = new H264Depacketizer();
    const sent = [...key, ...next.slice(0, 1), ...next.slice(2), ...last];
    const pictures = sent.map((packet) => depacketizer.push(packet)).filter((picture) => picture);
    expect(pictures.map((picture) => picture?.key)).toEqual([true, false]);
    expect(pictures[1]?.timestamp).toBe(5_999);
  });

  it('splitting and depacketising never throw, whatever the bytes', () => {
    const depacketizer = new H264Depacketizer();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(3), fc.boolean(), (bytes, step, end) => {
        splitAnnexB(bytes);
        packetizeH264(bytes, 0, builder());
        const packet = builder().build(bytes.length, end, step, 0);
        packet.set(bytes, canonicalHeaderBytes);
        depacketizer.push(packet);
      }),
    );
  });

  it('opus: one packet is one payload', () => {
    const packet = packetizeOpus(Uint8Array.of(1, 2, 3), 20_000, builder());
    expect([...payloadOf(packet)]).toEqual([1, 2, 3]);
    expect(readTimestamp(packet)).toBe(960);
  });
});

describe('key frame start', () => {
  it('is found in the first packet of a key frame and in no packet of another picture', () => {
    for (const size of [200, 5_000]) {
      const key = packetizeH264(annexB([unit(7, 20), unit(8, 5), unit(5, size)]), 0, builder());
      expect(keyFrameStart(payloadOf(key[0] ?? Buffer.alloc(0)))).toBe('parameterSets');
      for (const packet of key.slice(2)) expect(keyFrameStart(payloadOf(packet))).toBe('none');
      const other = packetizeH264(annexB([unit(6, 30), unit(1, size)]), 0, builder());
      for (const packet of other) expect(keyFrameStart(packet, 36)).toBe('none');
    }
  });

  it('single units: SPS and IDR are starts, PPS and others none; a second fragment is none', () => {
    expect(keyFrameStart(unit(7, 9))).toBe('parameterSets');
    expect(keyFrameStart(unit(5, 9))).toBe('picture');
    expect(keyFrameStart(unit(8, 9))).toBe('none');
    expect(keyFrameStart(Uint8Array.of(0x7c, 0x85, 1))).toBe('picture');
    expect(keyFrameStart(Uint8Array.of(0x7c, 0x05, 1))).toBe('none');
    expect(keyFrameStart(Uint8Array.of(0x78, 0, 9, 0x67, 1))).toBe('none'); // cut short
    expect(keyFrameStart(Uint8Array.of(0x78, 0, 2, 0x65, 1, 0, 2, 0x67, 1))).toBe('parameterSets');
  });

  it('a picture whose parameter sets are still on their way is no place to begin', () => {
    const detector = new KeyFrameDetector();
    expect(detector.detect(unit(5, 9))).toBe(false);
    expect(detector.detect(unit(7, 9))).toBe(true);
    for (let i = 0; i < 20; i++) expect(detector.detect(unit(5, 9))).toBe(false);
  });

  it('a source that never sends parameter sets begins with its eighth picture', () => {
    const detector = new KeyFrameDetector();
    const found = Array.from({ length: 9 }, () => detector.detect(unit(5, 9)));
    expect(found).toEqual([...Array(7).fill(false), true, true]);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(45), fc.nat(45), (bytes, from, end) => {
        keyFrameStart(bytes, from, Math.min(end, bytes.length));
        const stap = Uint8Array.of(24, ...bytes);
        keyFrameStart(stap);
      }),
    );
  });
});
