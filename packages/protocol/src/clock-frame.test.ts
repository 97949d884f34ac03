import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClock, encodeClock } from './clock-frame.ts';

const stamp = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('clock frame', () => {
  it('reads back what it wrote', () => {
    const message = fc.oneof(
      fc.record({ kind: fc.constant('request' as const), sentUs: stamp }),
      fc.record({
        kind: fc.constant('reply' as const),
        sentUs: stamp,
        receivedUs: stamp,
        repliedUs: stamp,
      }),
    );
    fc.assert(
      fc.property(message, (value) => {
        expect(decodeClock(encodeClock(value))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a wrong kind, a wrong length and a stamp that is no number', () => {
    const request = encodeClock({ kind: 'request', sentUs: 12 });
    expect(decodeClock(request.with(0, 3))).toBeUndefined();
    expect(decodeClock(request.with(0, 2))).toBeUndefined();
    expect(decodeClock(request.subarray(0, 8))).toBeUndefined();
    expect(decodeClock(Uint8Array.of(...request, 0))).toBeUndefined();
    expect(decodeClock(request.with(1, 0x7f).with(2, 0xf8))).toBeUndefined();
    expect(decodeClock(new Uint8Array(0))).toBeUndefined();
  });

  it('throws on a stamp that is not finite', () => {
    expect(() => encodeClock({ kind: 'request', sentUs: Number.NaN })).toThrow(RangeError);
  });
});
