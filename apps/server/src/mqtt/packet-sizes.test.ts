import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketSizes } from './packet-sizes.ts';

/** A packet with a body of so many bytes; none of them may be taken for a header. */
function packet(bodyBytes: number): Uint8Array {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([0x30, ...length, ...new Uint8Array(bodyBytes).fill(0xff)]);
}

function join(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('PacketSizes', () => {
  it('lets packets up to the limit pass and stops the first longer one, however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), fc.nat(400), (bodies, step, limit) => {
        const bytes = join(bodies.map(packet));
        const follower = new PacketSizes();
        let isFine = true;
        for (let at = 0; at < bytes.length && isFine; at += step) {
          isFine = follower.accept(bytes.subarray(at, at + step), limit);
        }
        expect(isFine).toBe(bodies.every((body) => body <= limit));
      }),
    );
  });

  it('stops a long packet by its header, before its body comes', () => {
    const header = packet(70_000).subarray(0, 4);
    expect(new PacketSizes().accept(header, 65_536)).toBe(false);
    expect(new PacketSizes().accept(header, 70_000)).toBe(true);
  });

  it('stops a length of five bytes', () => {
    const endless = Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01);
    expect(new PacketSizes().accept(endless, 1_000)).toBe(false);
  });
});
