import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Command,
  commandHeaderBytes,
  decodeCommand,
  encodeCommand,
  hasToken,
  noToken,
  readCommandEpoch,
  readCommandKind,
  tokenBytes,
} from './command-frame.ts';
import { limits } from './limits.ts';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const token = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const header = {
  sequence: uint32,
  epoch: uint32,
  token,
  ttlMs: fc.integer({ min: 0, max: 0xffff }),
  captureTimeUs: fc.maxSafeNat(),
  inputTimeMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
};
// Axes that the 16-bit scale holds exactly, so that equality may be asked for.
const axis = fc.integer({ min: -32767, max: 32767 }).map((raw) => raw / 32767);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    ...header,
    kind: fc.constant('drive' as const),
    axes: fc.array(axis, { maxLength: limits.axesPerCommand }),
    buttons: fc.integer({ min: 0, max: 0xffff }),
  }),
  fc.record({
    ...header,
    kind: fc.constant('opaque' as const),
    payload: fc.uint8Array({ maxLength: 2048 }),
  }),
  fc.record({ ...header, kind: fc.constantFrom('emergencyStop' as const, 'rearm' as const) }),
);

function sample(overrides: Partial<Extract<Command, { kind: 'drive' }>> = {}): Command {
  return {
    kind: 'drive',
    sequence: 7,
    epoch: 3,
    token: '0123456789abcdef',
    ttlMs: 200,
    captureTimeUs: 5_000_000_000,
    inputTimeMs: 1.5,
    axes: [-1, 0.5, 0],
    buttons: 9,
    ...overrides,
  };
}

describe('command frame', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(command, (value) => {
        expect(decodeCommand(encodeCommand(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps an axis within half a step of the 16-bit scale', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (value) => {
        const read = decodeCommand(encodeCommand(sample({ axes: [value] })));
        expect(read?.kind === 'drive' && Math.abs((read.axes[0] ?? 9) - value)).toBeLessThan(
          0.51 / 32767,
        );
      }),
    );
  });

  it('lets the header be read without decoding', () => {
    fc.assert(
      fc.property(command, (value) => {
        const bytes = encodeCommand(value);
        expect(readCommandKind(bytes)).toBe((bytes[0] ?? 0) & 0x0f);
        expect(readCommandEpoch(bytes)).toBe(value.epoch);
        expect(hasToken(bytes, tokenBytes(value.token))).toBe(true);
        expect(
          hasToken(
            bytes,
            tokenBytes(value.token).map((byte) => byte ^ 1),
          ),
        ).toBe(false);
      }),
    );
  });

  it('compares no token of another length', () => {
    const bytes = encodeCommand(sample({ token: noToken }));
    expect(hasToken(bytes, new Uint8Array(0))).toBe(false);
    expect(hasToken(bytes, new Uint8Array(9))).toBe(false);
  });

  it('reads a frame that lies inside a larger buffer', () => {
    const bytes = encodeCommand(sample());
    const larger = new Uint8Array(bytes.length + 20).fill(0xff);
    larger.set(bytes, 11);
    expect(decodeCommand(larger.subarray(11, 11 + bytes.length))).toEqual(decodeCommand(bytes));
  });

  it('hands out a payload of its own, so that a reused receive buffer cannot change it', () => {
    const bytes = encodeCommand({ ...sample(), kind: 'opaque', payload: Uint8Array.of(1, 2, 3) });
    const read = decodeCommand(bytes);
    bytes.fill(0);
    expect(read?.kind === 'opaque' && [...read.payload]).toEqual([1, 2, 3]);
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['one byte too long', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ['of another version', (bytes: Uint8Array) => bytes.with(0, 0x21)],
    ['of an unknown kind', (bytes: Uint8Array) => bytes.with(0, 0x15)],
    ['with a reserved byte set', (bytes: Uint8Array) => bytes.with(1, 1)],
    ['with a capture time past 2^53', (bytes: Uint8Array) => bytes.with(20, 0xff)],
    [
      'with an infinite input time',
      (bytes: Uint8Array) => bytes.with(28, 0x7f).with(29, 0xf0).fill(0, 30, 36),
    ],
    [
      'with more axes than allowed',
      (bytes: Uint8Array) => bytes.with(36, limits.axesPerCommand + 1),
    ],
    ['with an axis below −1', (bytes: Uint8Array) => bytes.with(40, 0x80).with(41, 0)],
  ])('refuses a frame %s', (_name, spoil) => {
    const bytes = encodeCommand(sample());
    expect(decodeCommand(bytes)).toBeDefined();
    expect(decodeCommand(spoil(bytes))).toBeUndefined();
  });

  it.each([
    ['sequence', sample({ sequence: 2 ** 32 })],
    ['epoch', sample({ epoch: -1 })],
    ['ttlMs', sample({ ttlMs: 65_536 })],
    ['captureTimeUs', sample({ captureTimeUs: 0.5 })],
    ['inputTimeMs', sample({ inputTimeMs: Number.NaN })],
    ['buttons', sample({ buttons: 65_536 })],
    ['token', sample({ token: '0123456789ABCDEF' })],
    ['axis', sample({ axes: [1.01] })],
    ['number of axes', sample({ axes: new Array(limits.axesPerCommand + 1).fill(0) })],
    [
      'payload length',
      { ...sample(), kind: 'opaque', payload: new Uint8Array(limits.reliablePayloadBytes + 1) },
    ],
  ] as Array<[string, Command]>)('throws on a %s outside its range', (_name, value) => {
    expect(() => encodeCommand(value)).toThrow(RangeError);
  });

  it('takes a payload of exactly the reliable limit', () => {
    const payload = new Uint8Array(limits.reliablePayloadBytes);
    const bytes = encodeCommand({ ...sample(), kind: 'opaque', payload });
    expect(bytes.length).toBe(commandHeaderBytes + limits.reliablePayloadBytes);
    expect(decodeCommand(bytes)).toBeDefined();
    expect(decodeCommand(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });
});
