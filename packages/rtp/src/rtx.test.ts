import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  isCanonical,
  rewriteForLeg,
} from './canonical-layout.ts';
import { PacketBuilder } from './packet-builder.ts';
import { isRtp } from './rtp-packet.ts';
import { unwrapRtx, wrapRtx } from './rtx.ts';

describe('rtx', () => {
  it('round trip: the receiver gets the packet byte for byte, and the repeat is canonical', () => {
    const payloads = fc.uint8Array({ minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(payloads, fc.nat(0xffff), fc.boolean(), (payload, sequence, marker) => {
        const options = { payloadType: 102, ssrc: 0xdeadbeef, mid: '3', firstSequence: sequence };
        const packet = new PacketBuilder(options).build(payload.length, marker, 777, 5_000_000);
        packet.set(payload, canonicalHeaderBytes);
        const original = Buffer.from(packet);
        const repeat = wrapRtx(packet, sequence);
        const rtxLeg = {
          payloadType: 103,
          ssrc: 42,
          mid: '3',
          extensionIds: canonicalExtensionIds,
        };
        rewriteForLeg(repeat, createLeg(rtxLeg), 11, 777, 0);
        expect(isCanonical(repeat) && isRtp(repeat)).toBe(true);
        expect(packet.equals(original)).toBe(true);
        const back = unwrapRtx(repeat, { ssrc: 0xdeadbeef, payloadType: 102 });
        expect(back && original.equals(back)).toBe(true);
      }),
    );
  });

  it('gives nothing for a repeat without payload', () => {
    const empty = new PacketBuilder({ payloadType: 1, ssrc: 1, mid: '0', firstSequence: 0 });
    const probe = wrapRtx(empty.build(0, false, 0, 0), 5);
    expect(unwrapRtx(probe, { ssrc: 1, payloadType: 1 })).toBeUndefined();
  });
});
