import {
  PacketBuilder,
  packetizeH264,
  payloadOffset,
  readMarker,
  readSequence,
} from '@longreach/rtp';
import { FrameAssembler, H264Depacketizer } from '@longreach/rtp/receive';
import { splitAnnexB } from '../../../packages/rtp/src/annex-b.ts';
import { expectSameBytes, expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';

const fragments = ['7c8588aabb', '7c0511223344', '7c45556677'];
const parameterSets = '78000867420c1f8c8d40000468ce3c80000265aa';

/** Payloads of one picture after each other: length, bytes. */
function payloadScript(...payloads: string[]): Uint8Array {
  const buffers = payloads.map((hex) => Buffer.from(hex, 'hex'));
  return scriptOf(...buffers.flatMap((payload) => [payload.length, payload]));
}

const depacketizer = new H264Depacketizer();

/** Payloads (RFC 6184) to Annex B. */
export const depacketizerTarget: FuzzTarget = {
  name: 'h264-depacketizer',
  examples: () => [
    payloadScript(...fragments),
    payloadScript(parameterSets, ...fragments),
    payloadScript('4188', '', '0600', '7c85', '18000141'),
  ],
  run(input) {
    const script = new InputScript(input);
    const payloads: Uint8Array[] = [];
    let bytes = 0;
    while (!script.isAtEnd) {
      const payload = script.bytes(script.u8());
      payloads.push(payload);
      bytes += payload.length;
    }
    const unit = depacketizer.assemble(payloads);
    if (!unit) return;
    // Each unit costs its start code; an aggregate's shortest unit is three bytes.
    expectThat(unit.data.length <= 5 * bytes + 5 * payloads.length, 'more than came');
    expectThat(unit.data.subarray(0, 4).join() === '0,0,0,1', 'no Annex B');
  },
};

/** Packets in any order, twice, with holes, of any content. Script: sequence, timestamp and marker, length, bytes. */
export const assemblerTarget: FuzzTarget = {
  name: 'frame-assembler',
  examples: () => {
    const step = (sequence: number, flags: number, hex: string) => {
      const payload = Buffer.from(hex, 'hex');
      return scriptOf(sequence, flags, payload.length, payload);
    };
    const [a, b, c] = fragments as [string, string, string];
    const key = [step(250, 2, parameterSets), step(251, 2, a), step(252, 2, b), step(253, 3, c)];
    const next = [step(254, 5, '4188'), step(255, 7, '4199'), step(0, 9, '4177')];
    return [
      Buffer.concat([...key, ...next]),
      Buffer.concat([...key.toReversed(), ...next.toReversed(), ...key]),
      Buffer.concat([...next, ...key.slice(1)]),
    ];
  },
  run(input) {
    const script = new InputScript(input);
    const assembler = new FrameAssembler();
    let base = 65_400;
    let nowUs = 0;
    while (!script.isAtEnd) {
      const step = script.u8();
      const flags = script.u8();
      if (flags === 255) base += 0x1234; // a source that jumps
      if (flags === 254) assembler.requireKeyFrame();
      const payload = script.bytes(script.u8());
      nowUs += 1_000;
      const sequence = (base + step) & 0xffff;
      const timestamp = (flags >> 1) * 3_000;
      const frames = assembler.handlePacket(sequence, timestamp, (flags & 1) === 1, payload, nowUs);
      for (const frame of frames) {
        expectThat(frame.data.length > 4 && frame.packets > 0, 'an empty picture');
        expectThat(frame.firstUs <= frame.completeUs, 'whole before it began');
      }
      assembler.takeKeyFrameNeeded();
    }
  },
};

/** Annex B of any kind → packets → the same units again. */
export const packetizerTarget: FuzzTarget = {
  name: 'h264-packetizer',
  examples: () =>
    [
      '000000016742000001680000010605',
      '0000016588112233445566778899',
      '00000001090000000141aa',
    ].map((hex) => Buffer.from(hex, 'hex')),
  run(input) {
    const builder = new PacketBuilder({ payloadType: 96, ssrc: 1, mid: '0', firstSequence: 0 });
    const packets = packetizeH264(input, 1_000, builder, 40);
    packets.forEach((packet, i) => {
      expectThat(packet.length <= payloadOffset(packet) + 40, 'a packet too long');
      expectThat(readSequence(packet) === i, 'a number left out');
      expectThat(readMarker(packet) === (i === packets.length - 1), 'marker');
    });
    const payloads = packets.map((packet) => packet.subarray(payloadOffset(packet)));
    const unit = depacketizer.assemble(payloads);
    // Types above 23 are no NAL units but ways of packing them (RFC 6184 section 5.2): no encoder makes them.
    if (!unit || !splitAnnexB(input).every(isUnit) || !splitAnnexB(unit.data).every(isUnit)) return;
    // Packetised again, what came out is the same: nothing is lost on the way.
    const again = packetizeH264(unit.data, 1_000, createBuilder(), 40);
    const second = depacketizer.assemble(
      again.map((packet) => packet.subarray(payloadOffset(packet))),
    );
    expectSameBytes(second?.data, unit.data, 'the second way');
  },
};

function isUnit(unit: Uint8Array): boolean {
  const type = (unit[0] as number) & 0x1f;
  return type >= 1 && type <= 23;
}

function createBuilder(): PacketBuilder {
  return new PacketBuilder({ payloadType: 96, ssrc: 1, mid: '0', firstSequence: 0 });
}
