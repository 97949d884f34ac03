import { canonicalHeaderBytes, FlexFecProtector, isCanonical, PacketBuilder } from '@longreach/rtp';
import {
  readRepair,
  recoverAll,
} from '../../../packages/rtp/src/flexfec/testing/reference-decoder.ts';
import { expectSameBytes, expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';

const mediaSsrc = 77;

function packetOf(script: InputScript): Buffer {
  const firstSequence = 65_500 + (script.u8() & 0x7f);
  const flags = script.u8();
  const payload = script.bytes(script.u8() % 64);
  const builder = new PacketBuilder({ payloadType: 96, ssrc: mediaSsrc, mid: '0', firstSequence });
  const packet = builder.build(payload.length, (flags & 1) === 1, (flags >> 1) * 3_000, 0);
  packet.set(payload, canonicalHeaderBytes);
  return packet;
}

/**
 * Frames of any shape, in any order: every repair payload can be read by a receiver, names packets that were sent, and
 * brings back any single one of them. Script: parity, then packets (sequence, marker and timestamp, bytes).
 */
export const flexFecTarget: FuzzTarget = {
  name: 'flexfec',
  examples: () => [
    scriptOf(2, 10, 2, 3, 1, 2, 3, 11, 2, 1, 9, 12, 3, 2, 8, 8),
    scriptOf(5, 35, 2, 1, 1, 36, 2, 1, 2, 37, 2, 1, 3, 38, 2, 1, 4, 60, 2, 1, 5, 39, 3, 1, 6),
    scriptOf(17, 10, 2, 0, 12, 4, 0, 11, 3, 2, 7, 7, 13, 5, 1, 1),
  ],
  run(input) {
    const script = new InputScript(input);
    const parities = script.u8();
    const redundancy = { parityFor: () => parities % 8, burstPackets: parities >> 4 };
    const protector = new FlexFecProtector({ mediaSsrc });
    const sent = new Map<number, Uint8Array>();
    while (!script.isAtEnd && sent.size < 64) {
      const packet = packetOf(script);
      expectThat(isCanonical(packet), 'the example is not canonical');
      const sequence = packet.readUInt16BE(2);
      if (sent.has(sequence)) continue; // a sender has one packet for a number
      sent.set(sequence, Buffer.from(packet));
      for (const repair of protector.handlePacket(packet, redundancy)) checkRepair(repair, sent);
    }
  },
};

function checkRepair(repair: Uint8Array, sent: Map<number, Uint8Array>): void {
  const payload = repair.subarray(canonicalHeaderBytes);
  const { protectedSequences, ssrc } = readRepair(payload);
  expectThat(ssrc === mediaSsrc && protectedSequences.length > 0, 'protects nothing');
  const lost = protectedSequences[repair.length % protectedSequences.length] as number;
  const known = new Map(
    protectedSequences
      .filter((sequence) => sequence !== lost)
      .map((sequence) => {
        const packet = sent.get(sequence);
        expectThat(packet !== undefined, `${sequence} was never sent`);
        return [sequence, packet] as const;
      }),
  );
  const wanted = sent.get(lost);
  expectThat(wanted !== undefined, `${lost} was never sent`);
  expectSameBytes(recoverAll(known, [payload]).get(lost), wanted, `packet ${lost}`);
}
