import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extensionBytes,
  findExtension,
  isRtcp,
  isRtp,
  payloadEnd,
  payloadOffset,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from './rtp-packet.ts';
import { anyBytes, foreignPacket } from './test-packets.ts';

describe('rtp packet', () => {
  it('reads every field of a packet with CSRCs, extensions and padding', () => {
    fc.assert(
      fc.property(foreignPacket, ({ bytes, fields }) => {
        expect(isRtp(bytes)).toBe(true);
        expect(readPayloadType(bytes)).toBe(fields.payloadType);
        expect(readMarker(bytes)).toBe(fields.marker);
        expect(readSequence(bytes)).toBe(fields.sequence);
        expect(readTimestamp(bytes)).toBe(fields.timestamp);
        expect(readSsrc(bytes)).toBe(fields.ssrc);
        expect(bytes.subarray(payloadOffset(bytes), payloadEnd(bytes))).toEqual(fields.payload);
        for (const [id, data] of fields.extensions) {
          const at = findExtension(bytes, id);
          expect(bytes.subarray(at, at + extensionBytes(bytes, at))).toEqual(data);
        }
        for (let id = 0; id <= 15; id++) {
          if (!fields.extensions.has(id)) expect(findExtension(bytes, id)).toBe(-1);
        }
      }),
    );
  });

  it('accepts nothing whose parts reach past the end, and never throws', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        isRtcp(bytes);
        for (let id = 0; id <= 15; id++) findExtension(bytes, id);
        if (!isRtp(bytes)) return;
        expect(payloadOffset(bytes)).toBeLessThanOrEqual(payloadEnd(bytes));
        expect(payloadEnd(bytes)).toBeLessThanOrEqual(bytes.length);
      }),
    );
    fc.assert(
      fc.property(foreignPacket, fc.nat(200), ({ bytes }, cut) => {
        const end = payloadOffset(bytes);
        expect(isRtp(bytes.subarray(0, Math.min(cut, end - 1)))).toBe(false);
      }),
    );
  });

  it('tells RTCP from RTP by the second byte (RFC 5761)', () => {
    expect(isRtcp(Uint8Array.of(0x80, 200, 0, 6))).toBe(true);
    expect(isRtcp(Uint8Array.of(0x81, 206, 0, 2))).toBe(true);
    expect(isRtcp(Uint8Array.of(0x80, 0x80 | 102, 0, 6))).toBe(false);
    expect(isRtcp(Uint8Array.of(0x40, 200, 0, 6))).toBe(false);
    expect(isRtcp(new Uint8Array(0))).toBe(false);
  });
});
