import { datagramPayloadTypes } from '@longreach/protocol';

const parameterSets = [Uint8Array.of(0x67, 0x42, 0xe0, 0x1f, 1), Uint8Array.of(0x68, 1)];

/** Makes pictures as the packets inside a datagram m-line, each slice in a packet of its own. */
export class InnerPackets {
  readonly #place: number;
  #sequence: number;
  #frame = 0;

  constructor(place = 0, firstSequence = 65_530) {
    this.#place = place;
    this.#sequence = firstSequence;
  }

  /** RTP timestamp of the picture made last. */
  get timestamp(): number {
    return (this.#frame * 3000) >>> 0;
  }

  /** The packets of the next picture. */
  next(key: boolean, slices = 3): Uint8Array<ArrayBuffer>[] {
    this.#frame++;
    const slice = Uint8Array.of(key ? 0x65 : 0x61, this.#frame & 0xff, 7);
    const units = [...(key ? parameterSets : []), ...new Array<Uint8Array>(slices).fill(slice)];
    return units.map((unit, index) => this.#packet(unit, index === units.length - 1));
  }

  #packet(payload: Uint8Array, marker: boolean): Uint8Array<ArrayBuffer> {
    const packet = new Uint8Array(12 + payload.length);
    const view = new DataView(packet.buffer);
    view.setUint8(0, 0x80);
    view.setUint8(1, (marker ? 0x80 : 0) | datagramPayloadTypes.media);
    view.setUint16(2, this.#sequence++ & 0xffff);
    view.setUint32(4, this.timestamp);
    view.setUint32(8, this.#place);
    packet.set(payload, 12);
    return packet;
  }
}
