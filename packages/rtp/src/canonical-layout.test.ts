import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  type ExtensionIds,
  isCanonical,
  rewriteForLeg,
  writeTransportSequence,
} from './canonical-layout.ts';
import { ntpFromUs, readNtpUs, rtpTimestamp, usFromNtp, writeNtp } from './ntp-time.ts';
import { PacketBuilder } from './packet-builder.ts';
import {
  extensionBytes,
  findExtension,
  isRtp,
  payloadOffset,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from './rtp-packet.ts';

/** Its bytes look like extension elements: a capture time that is hidden wrongly would be read as some. */
const captureTimeUs = 0x51526354 * 1_000_000 + 333_333;

function machinePacket(marker = true, mid = '0'): Buffer {
  const builder = new PacketBuilder({ payloadType: 102, ssrc: 7, mid, firstSequence: 65_535 });
  const packet = builder.build(3, marker, 0xfffffff0, captureTimeUs);
  packet.set([1, 2, 3], canonicalHeaderBytes);
  return packet;
}

function extension(bytes: Uint8Array, id: number): number[] | undefined {
  const at = findExtension(bytes, id);
  return at < 0 ? undefined : [...bytes.subarray(at, at + extensionBytes(bytes, at))];
}

const legs = fc.record({
  payloadType: fc.integer({ min: 96, max: 127 }),
  ssrc: fc.nat(0xffffffff),
  mid: fc.constantFrom('0', '7', '12', 'ab', '123', ''),
  // Distinct ids, some of them not negotiated.
  extensionIds: fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    )
    .map(([ids, present]): ExtensionIds => {
      const id = (index: number) => (present[index] ? (ids[index] ?? 0) : 0);
      return { mid: id(0), transportSequence: id(1), playoutDelay: id(2), absCaptureTime: id(3) };
    }),
});

describe('canonical layout', () => {
  it('is what the machine sends: ids 1 to 4, one- and two-character mids', () => {
    for (const mid of ['0', '12']) {
      const packet = machinePacket(true, mid);
      expect(isRtp(packet)).toBe(true);
      expect(isCanonical(packet)).toBe(true);
      expect(payloadOffset(packet)).toBe(canonicalHeaderBytes);
      expect(Buffer.from(extension(packet, 1) ?? []).toString()).toBe(mid);
      expect(extension(packet, 2)).toEqual([0, 0]);
      expect(extension(packet, 3)).toEqual([0, 0, 0]);
      expect(readNtpUs(packet, findExtension(packet, 4))).toBe(captureTimeUs);
    }
  });

  it('rewrites for any number of legs in turn, each seeing only what it negotiated, and is restored by the last', () => {
    fc.assert(
      fc.property(fc.array(legs, { minLength: 1, maxLength: 6 }), fc.boolean(), (list, marker) => {
        const packet = machinePacket(marker);
        const original = Buffer.from(packet);
        list.forEach((options, index) => {
          rewriteForLeg(packet, createLeg(options), index, 5_000 + index, 0x1234);
          expect(isRtp(packet)).toBe(true);
          expect(readPayloadType(packet)).toBe(options.payloadType);
          expect(readSsrc(packet)).toBe(options.ssrc);
          expect(readSequence(packet)).toBe(index);
          expect(readTimestamp(packet)).toBe(5_000 + index);
          expect(readMarker(packet)).toBe(marker);
          expectNegotiated(packet, options.extensionIds, options.mid);
        });
        const back = { payloadType: 102, ssrc: 7, mid: '0', extensionIds: canonicalExtensionIds };
        rewriteForLeg(packet, createLeg(back), 65_535, 0xfffffff0, 0);
        expect(packet.equals(original)).toBe(true);
      }),
    );
  });

  it('puts the transport-wide sequence only where the element is', () => {
    const packet = machinePacket();
    writeTransportSequence(packet, 0xabcd);
    expect(extension(packet, 2)).toEqual([0xab, 0xcd]);
    const none = { ...canonicalExtensionIds, transportSequence: 0 };
    rewriteForLeg(
      packet,
      createLeg({ payloadType: 1, ssrc: 1, mid: '0', extensionIds: none }),
      0,
      0,
      9,
    );
    writeTransportSequence(packet, 0xabcd);
    expect([...packet.subarray(19, 22)]).toEqual([0, 0, 0]);
  });
});

describe('ntp time', () => {
  it('keeps whole µs through the 64-bit form', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), (timeUs) => {
        expect(usFromNtp(ntpFromUs(timeUs))).toBe(timeUs);
        const bytes = new Uint8Array(8);
        writeNtp(bytes, 0, timeUs);
        expect(readNtpUs(bytes, 0)).toBe(timeUs);
      }),
    );
  });

  it('gives RTP timestamps that are the floor of time × rate, mod 2³²', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), fc.constantFrom(90_000, 48_000), (timeUs, rate) => {
        const exact = ((BigInt(timeUs) * BigInt(rate)) / 1_000_000n) % (1n << 32n);
        expect(rtpTimestamp(timeUs, rate)).toBe(Number(exact));
      }),
    );
  });
});

function expectNegotiated(packet: Buffer, ids: ExtensionIds, mid: string): void {
  const midFits = mid.length === 1 || mid.length === 2;
  const seen = (id: number) => (id === 0 ? undefined : extension(packet, id));
  expect(seen(ids.mid)).toEqual(ids.mid && midFits ? [...Buffer.from(mid)] : undefined);
  expect(seen(ids.transportSequence)).toEqual(ids.transportSequence ? [0x12, 0x34] : undefined);
  expect(seen(ids.playoutDelay)).toEqual(ids.playoutDelay ? [0, 0, 0] : undefined);
  const at = ids.absCaptureTime ? findExtension(packet, ids.absCaptureTime) : -1;
  if (ids.absCaptureTime) expect(readNtpUs(packet, at)).toBe(captureTimeUs);
  const negotiated = new Set(Object.values(ids));
  for (let id = 1; id <= 14; id++) {
    if (!negotiated.has(id)) expect(findExtension(packet, id)).toBe(-1);
  }
}
