import { describe, expect, it } from 'vitest';
import { isRtcp } from './rtp-packet.ts';

describe('rtp packet', () => {
  it('tells RTCP from RTP by the second byte (RFC 5761)', () => {
    expect(isRtcp(Uint8Array.of(0x80, 200, 0, 6))).toBe(true);
    expect(isRtcp(Uint8Array.of(0x81, 206, 0, 2))).toBe(true);
    expect(isRtcp(Uint8Array.of(0x80, 0x80 | 102, 0, 6))).toBe(false);
    expect(isRtcp(Uint8Array.of(0x40, 200, 0, 6))).toBe(false);
    expect(isRtcp(new Uint8Array(0))).toBe(false);
  });
});
