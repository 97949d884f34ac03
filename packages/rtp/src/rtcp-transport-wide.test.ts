import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRtcp } from './rtcp.ts';
import { buildReceiverEstimate } from './rtcp-estimate.ts';
import { buildExtendedReport } from './rtcp-extended.ts';
import { notReceived } from './rtcp-packet.ts';
import { maxFeedbackStatuses, TransportFeedbackEncoder } from './rtcp-transport-wide.ts';

const u32 = fc.nat(0xffffffff);
/** Steps from one arrival to the next; undefined = not received. */
const step = fc.option(
  fc.oneof(fc.nat(40), fc.nat(300), fc.integer({ min: -2_000, max: 32_767 })),
  { nil: undefined, freq: 3 },
);
const runs = fc
  .array(fc.tuple(step, fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 40 })
  .map((parts) => parts.flatMap(([value, times]) => new Array<typeof value>(times).fill(value)));

function arrivalsOf(steps: readonly (number | undefined)[]): Int32Array {
  let at: number | undefined;
  return Int32Array.from(steps, (value) => {
    if (value === undefined) return notReceived;
    at = at === undefined ? Math.abs(value) % 256 : at + value;
    return at;
  });
}

describe('transport-wide feedback', () => {
  const encoder = new TransportFeedbackEncoder();
  const head = fc.record({
    senderSsrc: u32,
    mediaSsrc: u32,
    feedbackCount: fc.nat(255),
    baseSequence: fc.nat(0xffff),
    referenceTime: fc.integer({ min: -0x800000, max: 0x7fffff }),
  });

  it('round trip: any pattern of arrivals, as much of it as one packet holds', () => {
    fc.assert(
      fc.property(head, runs, (fields, steps) => {
        const arrivals = arrivalsOf(steps);
        const packet = encoder.encode({ ...fields, arrivals });
        const told = encoder.statuses;
        expect(packet.length).toBeLessThanOrEqual(1_200);
        expect(packet.length % 4).toBe(0);
        expect(told).toBe(arrivals.length > 500 ? told : arrivals.length);
        expect(told).toBeGreaterThan(0);
        expect(parseRtcp(packet)).toEqual([
          { type: 'transportFeedback', ...fields, arrivals: arrivals.slice(0, told) },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('reads run-length, one-bit and two-bit chunks as the draft lays them out', () => {
    const chunks = [0x20, 0x02, 0xa0, 0x00, 0xd2, 0x00]; // 2 received · 14 of which the first · 7: small, missing, large
    const deltas = [4, 8, 12, 16, 0xff, 0xf8];
    const body = [0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 23, 0, 0, 1, 9, ...chunks, ...deltas];
    const [packet] = parseRtcp(Uint8Array.from([0x8f, 205, 0, 7, ...body]));
    const none = notReceived;
    const arrivals = new Int32Array(23).fill(none);
    arrivals.set([4, 12, 24, none], 0);
    arrivals[16] = 40;
    arrivals[18] = 32;
    const ssrcs = { senderSsrc: 1, mediaSsrc: 2 };
    const counts = { feedbackCount: 9, baseSequence: 5, referenceTime: 1 };
    expect(packet).toEqual({ type: 'transportFeedback', ...ssrcs, ...counts, arrivals });
  });

  it('ends before a step that 16 bits cannot express', () => {
    const fields = { senderSsrc: 1, mediaSsrc: 2, feedbackCount: 0, baseSequence: 0 };
    const arrivals = Int32Array.from([5, 40_000, 40_001]);
    encoder.encode({ ...fields, referenceTime: 0, arrivals });
    expect(encoder.statuses).toBe(1);
  });

  it('hostile bytes give nothing or bounded feedback, and never throw', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 200 });
    fc.assert(
      fc.property(bytes, (body) => {
        const words = body.length >>> 2;
        const head = [0x8f, 205, 0, words];
        for (const packet of parseRtcp(
          Uint8Array.from([...head, ...body.subarray(0, 4 * words)]),
        )) {
          if (packet.type !== 'transportFeedback') continue;
          expect(packet.arrivals.length).toBeLessThanOrEqual(maxFeedbackStatuses);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('estimates and extended reports', () => {
  it('round trip: REMB, exact to 18 bits', () => {
    const ssrcs = fc.array(u32, { maxLength: 20 });
    fc.assert(
      fc.property(u32, fc.nat(2 ** 40), ssrcs, (senderSsrc, bps, named) => {
        const [packet] = parseRtcp(buildReceiverEstimate(senderSsrc, bps, named));
        expect(packet).toMatchObject({ type: 'remb', senderSsrc, ssrcs: named });
        const read = packet?.type === 'remb' ? packet.bitrateBps : Number.NaN;
        expect(read).toBeLessThanOrEqual(bps);
        expect(bps - read).toBeLessThanOrEqual(bps / 2 ** 17);
      }),
    );
  });

  it('leaves out other application feedback', () => {
    const other = buildReceiverEstimate(1, 1_000_000, [2]);
    other[12] = 0;
    expect(parseRtcp(other)).toEqual([]);
  });

  it('round trip: reference time and its echoes; other blocks are skipped', () => {
    const echo = fc.record({ ssrc: u32, lastRr: u32, delaySinceLastRr: u32 });
    const referenceTime = fc.record({ seconds: u32, fraction: u32 });
    const content = fc.record(
      { referenceTime, echoes: fc.array(echo, { maxLength: 10 }) },
      { requiredKeys: ['echoes'] },
    );
    fc.assert(
      fc.property(u32, content, (ssrc, report) => {
        expect(parseRtcp(buildExtendedReport(ssrc, report))).toEqual([
          { type: 'extendedReport', ssrc, ...report },
        ]);
      }),
    );
    const unknown = [0x80, 207, 0, 6, 0, 0, 0, 7, 9, 0, 0, 1, 1, 2, 3, 4];
    const known = [4, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    expect(parseRtcp(Uint8Array.from([...unknown, ...known]))).toEqual([
      {
        type: 'extendedReport',
        ssrc: 7,
        referenceTime: { seconds: 1, fraction: 2 },
        echoes: [],
      },
    ]);
  });

  it('hostile bytes never throw', () => {
    const kinds = fc.constantFrom([0x8f, 206], [0x80, 207]);
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 120 }), ([first, type], body) => {
        const words = body.length >>> 2;
        const head = [first as number, type as number, 0, words];
        const bytes = Uint8Array.from([...head, ...body.subarray(0, 4 * words)]);
        expect(parseRtcp(bytes).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
