import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RefusalCode } from './codes.ts';
import { limits } from './limits.ts';
import {
  decodeReport,
  encodeReport,
  guardModes,
  type Report,
  type StateReport,
} from './report-frame.ts';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const refusalCode = fc.constantFrom(...Object.values(RefusalCode));
const float32 = fc.float();
const streamId = fc.integer({ min: 0, max: limits.streamsPerDevice - 1 });
const report: fc.Arbitrary<Report> = fc.oneof(
  fc.record({
    kind: fc.constant('state' as const),
    sequence: uint32,
    machineTimeUs: fc.maxSafeNat(),
    clockOffsetUs: fc.double(),
    clockUncertaintyUs: float32,
    guardMode: fc.constantFrom(...guardModes),
    epoch: uint32,
    releasedSequence: uint32,
    loopAgeMs: float32,
    released: uint32,
    refused: uint32,
    lastRefusal: refusalCode,
    speedMps: float32,
    headingRad: float32,
    xM: fc.double(),
    yM: fc.double(),
    steering: float32,
    drive: float32,
    brake: float32,
  }),
  fc.record({
    kind: fc.constant('opaque' as const),
    payload: fc.uint8Array({ maxLength: 2048 }),
  }),
  fc.record(
    {
      kind: fc.constant('slot' as const),
      mid: fc.stringMatching(/^[A-Za-z0-9]{1,16}$/),
      streamId,
      timestampOffset: uint32,
      connectionId: fc.stringMatching(/^[A-Za-z0-9:._-]{1,64}$/),
    },
    { requiredKeys: ['kind', 'mid', 'streamId', 'timestampOffset'] },
  ),
  fc.record({ kind: fc.constant('refusal' as const), code: refusalCode, sequence: uint32 }),
  fc.record({
    kind: fc.constant('arrivals' as const),
    streams: fc.array(
      fc.record({ streamId, frames: fc.integer({ min: 0, max: 0xffff }), delayTicks: uint32 }),
      { minLength: 1, maxLength: limits.streamsPerDevice },
    ),
  }),
);

const state: StateReport = {
  kind: 'state',
  sequence: 1,
  machineTimeUs: 2,
  clockOffsetUs: Number.NaN,
  clockUncertaintyUs: Number.POSITIVE_INFINITY,
  guardMode: 'stopped',
  epoch: 3,
  releasedSequence: 4,
  loopAgeMs: Number.NaN,
  released: 5,
  refused: 6,
  lastRefusal: RefusalCode.None,
  speedMps: 0,
  headingRad: 0,
  xM: 0,
  yM: 0,
  steering: 0,
  drive: 0,
  brake: 0,
};

const arrivals = { streamId: 1, frames: 30, delayTicks: 4_294_967_295 };

describe('report frame', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(report, (value) => {
        expect(decodeReport(encodeReport(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts fractions off the machine time', () => {
    const read = decodeReport(encodeReport({ ...state, machineTimeUs: 2 ** 33 + 0.9 }));
    expect(read).toMatchObject({ machineTimeUs: 2 ** 33 });
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, 83)],
    ['one byte too long', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ['of another version', (bytes: Uint8Array) => bytes.with(0, 0x21)],
    ['of an unknown kind', (bytes: Uint8Array) => bytes.with(0, 0x1f)],
    ['of an unknown guard mode', (bytes: Uint8Array) => bytes.with(1, guardModes.length)],
    ['of an unknown refusal', (bytes: Uint8Array) => bytes.with(2, 200)],
    ['with a reserved byte set', (bytes: Uint8Array) => bytes.with(3, 1)],
    ['with a machine time past 2^53', (bytes: Uint8Array) => bytes.with(8, 0xff)],
  ])('refuses a state report %s', (_name, spoil) => {
    const bytes = encodeReport(state);
    expect(decodeReport(bytes)).toEqual(state);
    expect(decodeReport(spoil(bytes))).toBeUndefined();
  });

  it.each([
    ['sequence', { ...state, sequence: -1 }],
    ['machine time', { ...state, machineTimeUs: Number.NaN }],
    ['guard mode', { ...state, guardMode: 'asleep' as 'armed' }],
    ['released', { ...state, released: 2 ** 32 }],
    ['mid', { kind: 'slot', mid: 'é', streamId: 0, timestampOffset: 0 }],
    [
      'connection id',
      { kind: 'slot', mid: '0', streamId: 0, timestampOffset: 0, connectionId: 'a b' },
    ],
    ['stream id', { kind: 'slot', mid: '0', streamId: 8, timestampOffset: 0 }],
    ['timestamp offset', { kind: 'slot', mid: '0', streamId: 0, timestampOffset: -1 }],
    ['refusal sequence', { kind: 'refusal', code: RefusalCode.TooOften, sequence: 2 ** 32 }],
    ['payload', { kind: 'opaque', payload: new Uint8Array(limits.reliablePayloadBytes + 1) }],
    ['number of streams', { kind: 'arrivals', streams: [] }],
    ['number of streams', { kind: 'arrivals', streams: Array(9).fill(arrivals) }],
    ['number of frames', { kind: 'arrivals', streams: [{ ...arrivals, frames: 65_536 }] }],
    ['stream of arrivals', { kind: 'arrivals', streams: [{ ...arrivals, streamId: 8 }] }],
    ['delay', { kind: 'arrivals', streams: [{ ...arrivals, delayTicks: 0.5 }] }],
  ] as Array<[string, Report]>)('throws on a %s outside its range', (_name, value) => {
    expect(() => encodeReport(value)).toThrow(RangeError);
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, 14)],
    ['without a stream', (bytes: Uint8Array) => bytes.subarray(0, 1)],
    [
      'about too many streams',
      (bytes: Uint8Array) => Uint8Array.of(...bytes, ...Array(49).fill(0)),
    ],
    ['about an impossible stream', (bytes: Uint8Array) => bytes.with(8, limits.streamsPerDevice)],
  ])('refuses a report of arrivals %s', (_name, spoil) => {
    const bytes = encodeReport({ kind: 'arrivals', streams: [arrivals, arrivals] });
    expect(decodeReport(bytes)).toEqual({ kind: 'arrivals', streams: [arrivals, arrivals] });
    expect(decodeReport(spoil(bytes))).toBeUndefined();
  });

  it('takes an opaque payload of exactly the reliable limit', () => {
    const bytes = encodeReport({
      kind: 'opaque',
      payload: new Uint8Array(limits.reliablePayloadBytes),
    });
    expect(decodeReport(bytes)).toBeDefined();
    expect(decodeReport(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });
});
