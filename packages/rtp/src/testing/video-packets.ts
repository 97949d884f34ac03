import { canonicalHeaderBytes } from '../canonical-layout.ts';
import { packetizeH264 } from '../h264-packetizer.ts';
import { PacketBuilder } from '../packet-builder.ts';
import { readMarker, readSequence, readTimestamp } from '../rtp-packet.ts';

/** One packet as a receiver's parts take it. */
export type VideoPacket = {
  sequence: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
};

/** Makes pictures of H.264 as packets, numbered on. */
export class VideoPackets {
  readonly #builder: PacketBuilder;
  #frame = 0;

  constructor(firstSequence = 65_530) {
    this.#builder = new PacketBuilder({ payloadType: 102, ssrc: 9, mid: '0', firstSequence });
  }

  /** The packets of the next picture, about 30 a second; `bytes` decides how many they are. */
  next(key: boolean, bytes = 2_500): VideoPacket[] {
    const slice = unit(key ? 5 : 1, bytes, this.#frame);
    const units = key ? [unit(7, 20), unit(8, 5), slice] : [slice];
    const annexB = Buffer.concat(units.flatMap((one) => [Buffer.of(0, 0, 0, 1), one]));
    const captureTimeUs = 1_000_000 + this.#frame * 33_333;
    this.#frame++;
    return packetizeH264(annexB, captureTimeUs, this.#builder).map((packet) => ({
      sequence: readSequence(packet),
      timestamp: readTimestamp(packet),
      marker: readMarker(packet),
      payload: packet.subarray(canonicalHeaderBytes),
    }));
  }
}

/** A NAL unit without start codes inside and without a zero at its end, as an encoder makes it. */
function unit(type: number, length: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 1; at < length; at++) bytes[at] = 1 + ((at * 31 + seed) % 255);
  bytes[0] = 0x60 | type;
  return bytes;
}
