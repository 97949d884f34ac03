import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClock, encodeClock } from './clock-frame.ts';
import { type Command, decodeCommand, encodeCommand, readCommandKind } from './command-frame.ts';
import { decodeEnvelope } from './envelope.ts';
import { decodeReport, encodeReport, type Report } from './report-frame.ts';
import { machineRequestSchemas, noticeSchemas, replySchemas, requestSchemas } from './signaling.ts';

const randomRuns = 100_000;

/** Real frames of ours to be spoiled, so that the checks behind the first byte are reached. */
const frames = [
  ...commands().map(encodeCommand),
  ...reports().map(encodeReport),
  encodeClock({ kind: 'request', sentUs: 1 }),
  encodeClock({ kind: 'reply', sentUs: 1, receivedUs: 2, repliedUs: 3 }),
];

/** One frame with up to four bytes overwritten, then cut or lengthened. */
const spoiled = fc
  .record({
    frame: fc.constantFrom(...frames),
    writes: fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 4 }),
    cut: fc.oneof(fc.constant(0), fc.nat(100)),
    tail: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 8 })),
  })
  .map(({ frame, writes, cut, tail }) => {
    const bytes = frame.slice();
    for (const [at, value] of writes) if (at < bytes.length) bytes[at] = value;
    return Uint8Array.of(...bytes.subarray(0, Math.max(0, bytes.length - cut)), ...tail);
  });
const bytes = fc.oneof(fc.uint8Array({ maxLength: 120 }), spoiled);

function commands(): Command[] {
  const header = {
    sequence: 1,
    epoch: 1,
    token: '0123456789abcdef',
    ttlMs: 200,
    captureTimeUs: 9e9,
    inputTimeMs: 1.7e12,
  };
  return [
    { ...header, kind: 'drive', axes: [0, 0.5, 0], buttons: 1 },
    { ...header, kind: 'opaque', payload: Uint8Array.of(1, 2, 3) },
    { ...header, kind: 'emergencyStop' },
    { ...header, kind: 'rearm' },
  ];
}

function reports(): Report[] {
  return [
    {
      kind: 'state',
      guardMode: 'armed',
      lastRefusal: 0,
      ...{ sequence: 1, epoch: 1, releasedSequence: 1, released: 1, refused: 0 },
      ...{ machineTimeUs: 9e9, clockOffsetUs: -5, clockUncertaintyUs: 300, loopAgeMs: 80 },
      ...{ speedMps: 1, headingRad: 0, xM: 0, yM: 0, steering: 0, drive: 0, brake: 0 },
    },
    { kind: 'opaque', payload: Uint8Array.of(1) },
    { kind: 'slot', mid: '0', streamId: 1, timestampOffset: 5 },
    { kind: 'refusal', code: 3, sequence: 9 },
    { kind: 'arrivals', streams: [{ streamId: 2, frames: 30, delayTicks: 7 }] },
  ];
}

describe('hostile input', () => {
  it('crashes no binary decoder, and what a decoder accepts can be written again', () => {
    const accepted = { commands: 0, reports: 0 };
    fc.assert(
      fc.property(bytes, (input) => {
        readCommandKind(input);
        const command = decodeCommand(input);
        if (command) {
          accepted.commands++;
          encodeCommand(command);
        }
        const report = decodeReport(input);
        if (report) {
          accepted.reports++;
          encodeReport(report);
        }
        const clock = decodeClock(input);
        if (clock) encodeClock(clock);
      }),
      { numRuns: randomRuns },
    );
    // Otherwise the bytes above no longer resemble frames, and the run shows little.
    expect(accepted.commands).toBeGreaterThan(1000);
    expect(accepted.reports).toBeGreaterThan(1000);
  }, 60_000);

  it('crashes no signaling decoder', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        decodeEnvelope(text);
      }),
      { numRuns: 10_000 },
    );
  });

  it('crashes no schema of a body', () => {
    const schemas = [requestSchemas, machineRequestSchemas, replySchemas, noticeSchemas].flatMap(
      (group) => Object.values(group),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const schema of schemas) schema.safeParse(value);
      }),
      { numRuns: 500 },
    );
  });

  it('survives deep nesting within the size limit', () => {
    const depth = 30_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    expect(decodeEnvelope(nested)).toMatchObject({ kind: 'malformed' });
    expect(decodeEnvelope(`{"v":1,"event":"x","body":${nested}}`)).toMatchObject({
      kind: 'notice',
    });
  });

  it('keeps a key named __proto__ from touching any prototype', () => {
    const read = decodeEnvelope('{"v":1,"event":"x","body":{},"__proto__":{"polluted":1}}');
    expect(read.kind).toBe('malformed');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
