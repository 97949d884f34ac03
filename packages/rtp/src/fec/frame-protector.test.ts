import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FecSource } from './fec-packet.ts';
import { FrameProtector } from './frame-protector.ts';

type Packet = { sequence: number; timestamp: number; marker: boolean; payload: Uint8Array };

/** Frames with so many packets each, numbered over the wrap of both circles. */
function framesOf(sizes: readonly number[]): Packet[] {
  let sequence = 65_500;
  return sizes.flatMap((size, frame) =>
    Array.from({ length: size }, (_, i) => ({
      sequence: sequence++ & 0xffff,
      timestamp: (0xffff_f000 + frame * 3000) >>> 0,
      marker: i === size - 1,
      payload: new Uint8Array([frame, i]),
    })),
  );
}

function feed(protector: FrameProtector, packets: readonly Packet[]): FecSource[][] {
  return packets.flatMap(({ sequence, timestamp, marker, payload }) =>
    protector.handlePacket(sequence, timestamp, marker, payload).map((block) => [...block]),
  );
}

const sequencesOf = (blocks: FecSource[][]) =>
  blocks.map((block) => block.map(({ sequence }) => sequence));

describe('frame protector', () => {
  it('F6 gives a frame at its last packet, at once when in order', () => {
    const protector = new FrameProtector();
    const packets = framesOf([3, 1, 2]);
    expect(feed(protector, packets.slice(0, 2))).toEqual([]);
    expect(sequencesOf(feed(protector, packets.slice(2)))).toEqual([
      [65_500, 65_501, 65_502],
      [65_503],
      [65_504, 65_505],
    ]);
  });

  it('F6 waits for a packet that comes late, also the first of the frame', () => {
    const protector = new FrameProtector();
    const packets = framesOf([2, 3, 2]);
    const at = (...places: number[]) => places.map((place) => packets[place] as Packet);
    expect(feed(protector, at(0, 1, 3, 4))).toHaveLength(1);
    expect(sequencesOf(feed(protector, at(5, 2)))).toEqual([[65_502, 65_503, 65_504]]);
    expect(sequencesOf(feed(protector, at(6)))).toEqual([[65_505, 65_506]]);
  });

  it('F7 cuts a long frame into blocks of near equal size', () => {
    const blocks = feed(new FrameProtector(), framesOf([130]));
    expect(blocks.map(({ length }) => length)).toEqual([43, 44, 43]);
    expect(blocks.flat().map(({ sequence }) => sequence)).toEqual(
      framesOf([130]).map(({ sequence }) => sequence),
    );
    expect(feed(new FrameProtector(), framesOf([64]))).toHaveLength(1);
  });

  it('F8 gives an incomplete frame in its parts once two later ones have begun, and late packets by themselves', () => {
    const protector = new FrameProtector();
    const packets = framesOf([1, 4, 2, 2]);
    const without = packets.filter((_, i) => i !== 3 && i !== 6 && i !== 8);
    const blocks = sequencesOf(feed(protector, without));
    expect(blocks).toEqual([[65_500], [65_501, 65_502], [65_504]]);
    expect(sequencesOf(feed(protector, [packets[3] as Packet]))).toEqual([[65_503]]);
  });

  it('F9 ignores repeats, whatever the order, and never protects a packet twice', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat()), (frames, numbers) => {
        const draw = (below: number) => (numbers.next().value as number) % below;
        const sent = framesOf(frames).flatMap((packet, place) => {
          const copies = [0, 1, 1, 1, 2][draw(5)] as number;
          return Array.from({ length: copies }, () => ({ packet, at: place + draw(6) }));
        });
        sent.sort((a, b) => a.at - b.at);
        const blocks = feed(
          new FrameProtector(),
          sent.map(({ packet }) => packet),
        );
        const protectedOnes = blocks.flat().map(({ sequence }) => sequence);
        expect(new Set(protectedOnes).size).toBe(protectedOnes.length);
        for (const block of blocks) {
          expect(block.length).toBeLessThanOrEqual(64);
          const first = block[0]?.sequence ?? 0;
          expect(block.every(({ sequence }, i) => sequence === ((first + i) & 0xffff))).toBe(true);
          expect(block.slice(0, -1).some(({ marker }) => marker)).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('F9 holds no more than so many packets of a frame without end', () => {
    const protector = new FrameProtector({ maxPackets: 100 });
    const endless = framesOf([250]).map((packet) => ({ ...packet, marker: false }));
    const blocks = feed(protector, endless);
    expect(blocks.flat().length).toBeGreaterThanOrEqual(101);
    expect(blocks.flat().length).toBeLessThanOrEqual(250);
  });
});
