import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFec } from '../fec/encode-fec.ts';
import { FrameProtector } from '../fec/frame-protector.ts';
import { RepairReceiver } from './index.ts';

type Sent = { sequence: number; timestamp: number; marker: boolean; payload: Uint8Array };
type Arrival = { atUs: number; media?: Sent; fec?: Uint8Array; timestamp: number };

const frameUs = 33_333;

/** Whole numbers below a bound that a seed determines: much quicker than to draw each from fast-check. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Frames with parity, lost, doubled and mixed up at will; parity is sometimes damaged. */
function makeArrivals(draw: (below: number) => number, frames: number) {
  const sent: Sent[] = [];
  const arrivals: Arrival[] = [];
  const protector = new FrameProtector();
  const lossOf100 = draw(60);
  const disorderUs = 1 + draw(60_000);
  let sequence = draw(0x10000);
  const deliver = (arrival: Arrival) => {
    for (let copies = draw(10) === 0 ? 2 : 1; copies > 0; copies--) {
      if (draw(100) < lossOf100) continue;
      arrivals.push({ ...arrival, atUs: arrival.atUs + draw(disorderUs) });
    }
  };
  for (let frame = 0; frame < frames; frame++) {
    const timestamp = (0xffff_0000 + frame * 3000) >>> 0;
    const packets = 1 + draw(draw(8) === 0 ? 90 : 12);
    for (let i = 0; i < packets; i++) {
      const payload = Uint8Array.from({ length: draw(50) }, () => draw(256));
      const media = { sequence: sequence & 0xffff, timestamp, marker: i === packets - 1, payload };
      sequence += 1;
      sent.push(media);
      deliver({ atUs: frame * frameUs + i * 100, media, timestamp });
      for (const block of protector.handlePacket(
        media.sequence,
        timestamp,
        media.marker,
        payload,
      )) {
        const count = draw(block.length + 2);
        for (const fec of encodeFec(block, { first: 0, count, announced: count }, 0)) {
          deliver({ atUs: frame * frameUs + 12_000, fec, timestamp });
        }
      }
    }
  }
  return { sent, arrivals: arrivals.sort((a, b) => a.atUs - b.atUs) };
}

const sources = fc.record({ seed: fc.nat(), frames: fc.integer({ min: 1, max: 25 }) });

describe('repair under anything', () => {
  it('R3, R13: every delivered packet is the sent one, once, and requests are for packets that lack', () => {
    fc.assert(
      fc.property(sources, ({ seed, frames }) => {
        const draw = drawFrom(seed);
        const { sent, arrivals } = makeArrivals(draw, frames);
        const bySequence = new Map(sent.map((packet) => [packet.sequence, packet]));
        const delivered = new Set<number>();
        const wrong: string[] = [];
        const deliver = (packet: Sent) => {
          const { sequence } = packet;
          if (!isSame(packet, bySequence.get(sequence) as Sent)) wrong.push(`${sequence} differs`);
          if (delivered.has(sequence)) wrong.push(`${sequence} twice`);
          delivered.add(sequence);
        };
        let [mostBytes, mostMissing] = [0, 0];
        const repair = new RepairReceiver({ bytes: 4096 });
        for (const { atUs, media, fec, timestamp } of arrivals) {
          for (let dueUs = repair.nextDeadlineUs; dueUs !== undefined && dueUs < atUs; ) {
            for (const lost of repair.takeDue(dueUs)) {
              if (delivered.has(lost)) wrong.push(`${lost} asked for`);
            }
            dueUs = repair.nextDeadlineUs;
          }
          if (media) {
            const { sequence, marker, payload } = media;
            const recovered = repair.handleMedia(sequence, timestamp, marker, payload, atUs);
            if (!repair.wasDuplicate) deliver(media);
            recovered.forEach(deliver);
          } else if (fec) repair.handleFec(fec, timestamp, atUs).forEach(deliver);
          mostBytes = Math.max(mostBytes, repair.bytes);
          mostMissing = Math.max(mostMissing, repair.missing);
        }
        expect(wrong).toEqual([]);
        expect(mostBytes).toBeLessThanOrEqual(2 * 4096);
        expect(mostMissing).toBeLessThanOrEqual(256);
      }),
      { numRuns: 40 },
    );
  });

  it('R4 parity that contradicts an open block never yields a wrong packet', () => {
    fc.assert(
      fc.property(sources, ({ seed, frames }) => {
        const draw = drawFrom(seed);
        const { sent, arrivals } = makeArrivals(draw, frames);
        const bySequence = new Map(sent.map((packet) => [packet.sequence, packet.payload]));
        const delivered = new Set<number>();
        const repair = new RepairReceiver();
        for (const { atUs, media, fec, timestamp } of arrivals) {
          const recovered = media
            ? repair.handleMedia(media.sequence, timestamp, media.marker, media.payload, atUs)
            : repair.handleFec(fec as Uint8Array, timestamp, atUs);
          if (media) delivered.add(media.sequence);
          for (const { sequence, payload } of recovered) {
            delivered.add(sequence);
            expect([...payload]).toEqual([...(bySequence.get(sequence) as Uint8Array)]);
          }
          if (!fec || !isOpen(fec, delivered)) continue;
          const { bytes, ticks } = contradict(fec, draw);
          expect(repair.handleFec(bytes, timestamp + ticks, atUs)).toEqual([]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('R14 random payloads neither throw nor make it hold more than its bytes', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 80 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 60 }), fc.nat(), (payloads, seed) => {
        const repair = new RepairReceiver({ bytes: 1024, blocks: 8 });
        payloads.forEach((payload, i) => {
          if (payload.length > 6 && i % 2 === 0) {
            payload[3] = 0;
            payload[4] = 0;
            payload[1] = 1 + ((payload[1] as number) % 64);
          }
          repair.handleFec(payload, (seed + (i >> 3)) >>> 0, i * 1000);
          if (i % 5 === 0) repair.handleMedia(i, seed, false, payload, i * 1000);
          repair.takeDue(i * 1000);
          expect(repair.bytes).toBeLessThanOrEqual(2048);
        });
      }),
      { numRuns: 300 },
    );
  });
});

function isSame(a: Sent, b: Sent): boolean {
  if (a.timestamp !== b.timestamp || a.marker !== b.marker) return false;
  return (
    a.payload.length === b.payload.length && a.payload.every((byte, i) => byte === b.payload[i])
  );
}

/** Whether a packet that this parity protects has not been delivered. */
function isOpen(fec: Uint8Array, delivered: ReadonlySet<number>): boolean {
  const base = ((fec[4] as number) << 8) | (fec[5] as number);
  for (let i = 0; i < (fec[1] as number); i++) {
    if (!delivered.has((base + i) & 0xffff)) return true;
  }
  return false;
}

/** Parity over the same packets that cannot be true if the given one is. */
function contradict(fec: Uint8Array, draw: (below: number) => number) {
  const kind = draw(4);
  const bytes = kind === 0 ? new Uint8Array(fec.length + 1) : fec.slice();
  bytes.set(fec); // kind 0: a longer symbol
  const sources = fec[1] as number;
  if (kind === 1) bytes[1] = 1 + ((sources + draw(63)) % 64);
  if (kind === 2) bytes[6 + draw(fec.length - 6)] = draw(256);
  return { bytes, ticks: kind === 3 ? 1 + draw(9) : 0 };
}
