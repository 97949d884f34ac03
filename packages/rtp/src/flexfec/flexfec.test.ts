import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHeaderBytes, createLeg, rewriteForLeg } from '../canonical-layout.ts';
import { PacketBuilder } from '../packet-builder.ts';
import { readSequence } from '../rtp-packet.ts';
import { FlexFecProtector } from './flexfec-protector.ts';
import { maxParityRows, parityRowsOf } from './parity-rows.ts';
import { readRepair, recoverAll } from './testing/reference-decoder.ts';

const mediaSsrc = 0x11223344;
const ids = { mid: 3, transportSequence: 5, playoutDelay: 6, absCaptureTime: 0 };
const leg = createLeg({ payloadType: 102, ssrc: mediaSsrc, mid: '1', extensionIds: ids });

/** A frame's packets as one leg sends them, with the transport-wide sequence that a receiver zeroes. */
function frameOf(sizes: readonly number[], firstSequence: number, timestamp = 90_000): Buffer[] {
  const builder = new PacketBuilder({ payloadType: 96, ssrc: 1, mid: '0', firstSequence });
  return sizes.map((size, i) => {
    const packet = builder.build(size, i === sizes.length - 1, timestamp, 1_000_000);
    for (let at = 0; at < size; at++) packet[canonicalHeaderBytes + at] = (at * 31 + i * 7) & 0xff;
    rewriteForLeg(packet, leg, readSequence(packet), timestamp, 500 + i);
    return packet;
  });
}

/** What the receiver's decoder holds of a packet: the transport-wide sequence counts as zeros. */
function held(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(0, 20);
  return copy;
}

function protect(packets: readonly Buffer[], parities: number, burstPackets = 1): Uint8Array[] {
  const protector = new FlexFecProtector({ mediaSsrc });
  const redundancy = { parityFor: () => parities, burstPackets };
  const repairs = packets.flatMap((packet) => [...protector.handlePacket(packet, redundancy)]);
  return repairs.map((repair) => repair.subarray(canonicalHeaderBytes));
}

function without(packets: readonly Buffer[], lost: ReadonlySet<number>): Map<number, Uint8Array> {
  const arrived = packets.filter((_packet, i) => !lost.has(i));
  return new Map(arrived.map((packet) => [readSequence(packet), held(packet)]));
}

function expectAll(packets: readonly Buffer[], recovered: Map<number, Uint8Array>): void {
  for (const packet of packets) {
    const got = recovered.get(readSequence(packet));
    expect(got && Buffer.from(got).toString('hex')).toBe(held(packet).toString('hex'));
  }
}

const frames = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 1_100 }), { minLength: 1, maxLength: 46 }),
  firstSequence: fc.integer({ min: 0, max: 0xffff }),
  parities: fc.integer({ min: 1, max: 12 }),
  bursts: fc.boolean(),
});

describe('FlexFEC', () => {
  it('X1, X2: any single loss comes back byte for byte, whatever the sizes, masks and numbers', () => {
    fc.assert(
      fc.property(frames, fc.nat(), ({ sizes, firstSequence, parities, bursts }, at) => {
        const packets = frameOf(sizes, firstSequence);
        const repairs = protect(packets, parities, bursts ? 3 : 1);
        const lost = new Set([at % packets.length]);
        expectAll(packets, recoverAll(without(packets, lost), repairs));
      }),
      { numRuns: 60 },
    );
  });

  it('X3: a parity covers the packets of its own frame only, and says so in 15 or 46 bits', () => {
    fc.assert(
      fc.property(frames, ({ sizes, firstSequence, parities }) => {
        const packets = frameOf(sizes, firstSequence);
        const sequences = new Set(packets.map(readSequence));
        for (const repair of protect(packets, parities)) {
          const { protectedSequences, ssrc } = readRepair(repair);
          expect(ssrc).toBe(mediaSsrc);
          expect(protectedSequences.length).toBeGreaterThan(0);
          expect(protectedSequences.every((sequence) => sequences.has(sequence))).toBe(true);
          const width = (readRepair(repair).protectedSequences.at(-1) ?? 0) - firstSequence;
          if ((width & 0xffff) < 15) expect(repair[18]).toBeGreaterThanOrEqual(0x80);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('X4: a long frame is several blocks, each with parity of its own', () => {
    const packets = frameOf(new Array(120).fill(40), 65_500);
    const repairs = protect(packets, 2);
    expect(repairs).toHaveLength(6);
    expectAll(packets, recoverAll(without(packets, new Set([0, 41, 119])), repairs));
  });

  it('X5: a run of losses as long as there are parities comes back when bursts are expected', () => {
    for (const [sources, parities] of [
      [6, 2],
      [9, 3],
      [40, 3],
    ] as const) {
      const packets = frameOf(new Array(sources).fill(100), 10);
      const repairs = protect(packets, parities, 5);
      for (let start = 0; start + parities <= sources; start++) {
        const lost = new Set(Array.from({ length: parities }, (_, i) => start + i));
        expectAll(packets, recoverAll(without(packets, lost), repairs));
      }
    }
  });

  it('X6: with four parities or more any two losses come back while there are pairs enough', () => {
    for (const [sources, parities] of [
      [4, 4],
      [8, 6],
      [12, 8],
      [20, 10],
    ] as const) {
      const packets = frameOf(new Array(sources).fill(50), 10);
      const repairs = protect(packets, parities);
      for (let a = 0; a < sources; a++) {
        for (let b = a + 1; b < sources; b++) {
          expectAll(packets, recoverAll(without(packets, new Set([a, b])), repairs));
        }
      }
    }
  });

  it('X6: every packet is covered and no parity is empty', () => {
    for (let sources = 1; sources <= 46; sources++) {
      for (let parities = 1; parities <= Math.min(sources, maxParityRows); parities++) {
        for (const bursts of [false, true]) {
          const rows = parityRowsOf(sources, parities, bursts);
          expect(rows.every((row) => row > 0)).toBe(true);
          expect(rows.reduce((all, row) => all | row, 0)).toBe(2 ** parities - 1);
        }
      }
    }
  });

  it('X7: no parity wanted, none made', () => {
    expect(protect(frameOf([100, 100], 1), 0)).toEqual([]);
  });

  it('X8: a frame whose end is missing is protected when the next one begins', () => {
    const first = frameOf([300, 200, 100], 1, 3_000).slice(0, 2);
    const second = frameOf([50], 4, 6_000);
    const repairs = protect([...first, ...second], 1);
    expect(repairs).toHaveLength(2);
    expectAll(first, recoverAll(without(first, new Set([1])), repairs.slice(0, 1)));
  });

  it('X9: packets out of order or twice, and holes, do no harm', () => {
    const packets = frameOf([300, 200, 100, 90, 80], 65_533);
    const [a, b, , d, e] = packets as [Buffer, Buffer, Buffer, Buffer, Buffer];
    const sent = [b, a, d, b, e];
    const repairs = protect(sent, 2);
    expectAll([a, b, d, e], recoverAll(without(sent, new Set([1])), repairs));
  });

  it('X10: what the sender does with its bytes later changes no parity', () => {
    const packets = frameOf([300, 200, 100], 1);
    const copies = packets.map((packet) => Buffer.from(packet));
    const other = createLeg({ payloadType: 45, ssrc: 9, mid: '7', extensionIds: ids });
    const protector = new FlexFecProtector({ mediaSsrc });
    const redundancy = { parityFor: () => 1, burstPackets: 1 };
    const repairs = packets.flatMap((packet) => {
      const made = protector.handlePacket(packet, redundancy);
      rewriteForLeg(packet, other, 777, 777, 777);
      return made.map((repair) => repair.subarray(canonicalHeaderBytes));
    });
    expectAll(copies, recoverAll(without(copies, new Set([0])), repairs));
  });

  it('X11: a stretch that never ends stays bounded', () => {
    const packets = frameOf(new Array(2_000).fill(1), 0);
    const repairs = protect(packets, 1);
    expect(repairs.length).toBeLessThanOrEqual(12);
  });
});
