import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactDelay, compactNtp, ntpFromUs, roundTripUs } from './ntp-time.ts';
import { parseRtcp } from './rtcp.ts';
import { buildFir, buildNack, buildPli, maxNackSequences } from './rtcp-feedback.ts';
import { buildReceiverReport, buildSenderReport } from './rtcp-reports.ts';

const u32 = fc.nat(0xffffffff);
const ntp = fc.record({ seconds: u32, fraction: u32 });
const block = fc.record({
  ssrc: u32,
  fractionLost: fc.nat(255),
  cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highestSequence: u32,
  jitter: u32,
  lastSr: u32,
  delaySinceLastSr: u32,
});
const blocks = fc.array(block, { maxLength: 31 });
const info = fc.record({ ntp, rtpTimestamp: u32, packets: u32, payloadBytes: u32 });

describe('rtcp', () => {
  it('round trip: sender and receiver reports', () => {
    fc.assert(
      fc.property(u32, info, blocks, (ssrc, sender, reports) => {
        const compound = Buffer.concat([
          buildSenderReport(ssrc, sender, reports),
          buildReceiverReport(ssrc, reports),
        ]);
        expect(parseRtcp(compound)).toEqual([
          { type: 'senderReport', ssrc, info: sender, reports },
          { type: 'receiverReport', ssrc, reports },
        ]);
      }),
    );
  });

  it('round trip: NACK of any set of sequences, over the wrap too', () => {
    const set = fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(u32, u32, fc.nat(0xffff), set, (senderSsrc, mediaSsrc, base, offsets) => {
        const sorted = offsets.sort((a, b) => a - b);
        const sequences = sorted.map((offset) => (base + offset) & 0xffff);
        const bytes = buildNack(senderSsrc, mediaSsrc, sequences);
        expect(parseRtcp(bytes)).toEqual([{ type: 'nack', senderSsrc, mediaSsrc, sequences }]);
      }),
    );
  });

  it('packs 17 sequences into one NACK item', () => {
    const run = Array.from({ length: 17 }, (_, index) => (65_530 + index) & 0xffff);
    expect(buildNack(1, 2, run).length).toBe(16);
  });

  it('round trip: PLI, FIR', () => {
    fc.assert(
      fc.property(u32, u32, fc.nat(255), (ssrc, mediaSsrc, sequence) => {
        const compound = Buffer.concat([
          buildPli(ssrc, mediaSsrc),
          buildFir(ssrc, mediaSsrc, sequence),
        ]);
        expect(parseRtcp(compound)).toEqual([
          { type: 'pli', senderSsrc: ssrc, mediaSsrc },
          { type: 'fir', senderSsrc: ssrc, entries: [{ ssrc: mediaSsrc, sequence }] },
        ]);
      }),
    );
  });

  it('skips what it does not act upon, reads padded packets', () => {
    const sdes = Buffer.from([0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 65, 0]);
    const feedback = Buffer.from([0x8f, 205, 0, 4, ...new Array(16).fill(3)]);
    const padded = Buffer.from([0xa1, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4]);
    const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 5]);
    const parsed = parseRtcp(Buffer.concat([sdes, feedback, bye, padded]));
    expect(parsed.map((packet) => packet.type)).toEqual(['pli']);
  });

  it('reads what precedes a broken length and nothing after it', () => {
    const broken = Buffer.concat([buildPli(1, 2), Buffer.from([0x81, 206, 0, 9, 0, 0, 0, 1])]);
    expect(parseRtcp(broken).length).toBe(1);
  });

  it('never throws and stays bounded, whatever the bytes', () => {
    const type = fc.constantFrom(200, 201, 202, 203, 204, 205, 206, 207);
    const part = fc
      .tuple(fc.nat(255), type, fc.nat(20), fc.uint8Array({ maxLength: 80 }))
      .map(([first, kind, words, rest]) => [0x80 | (first & 0x3f), kind, 0, words, ...rest]);
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(part, { maxLength: 5 }).map((parts) => Uint8Array.from(parts.flat())),
    );
    fc.assert(
      fc.property(datagram, (bytes) => {
        expect(parseRtcp(bytes).length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 500 },
    );
    const widest = Buffer.alloc(65_532, 0xff);
    widest.set([0x81, 205, 0x3f, 0xfe]);
    const [nack] = parseRtcp(widest);
    expect(nack?.type === 'nack' && nack.sequences.length).toBe(maxNackSequences);
  });

  it('gives the round trip from an echoed time', () => {
    const sentUs = 99_000_000;
    const last = compactNtp(ntpFromUs(sentUs));
    const rtt = roundTripUs(sentUs + 250_000 + 40_000, last, compactDelay(250_000));
    expect(Math.abs((rtt ?? 0) - 40_000)).toBeLessThan(40);
    expect(roundTripUs(sentUs, 0, 0)).toBeUndefined();
    expect(roundTripUs(sentUs, last, 3)).toBe(0);
  });
});
