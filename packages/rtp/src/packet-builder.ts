import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  canonicalOffset,
  createLeg,
  type Leg,
  rewriteForLeg,
  writeCanonicalFrame,
} from './canonical-layout.ts';
import { writeNtp } from './ntp-time.ts';

/** How a sender's stream is named on the wire. */
export type PacketBuilderOptions = {
  payloadType: number;
  ssrc: number;
  mid: string;
  /** First sequence number, 0 to 65,535; random in production (RFC 3550 §5.1). */
  firstSequence: number;
};

/** Makes the canonical packets of one sent stream, one fresh Buffer each, and counts them. */
export class PacketBuilder {
  readonly #leg: Leg;
  #sequence: number;
  #packets = 0;
  #payloadBytes = 0;

  constructor(options: PacketBuilderOptions) {
    this.#leg = createLeg({ ...options, extensionIds: canonicalExtensionIds });
    this.#sequence = options.firstSequence & 0xffff;
  }

  /** Packets that can still be built before the numbers begin anew. */
  get numbersLeft(): number {
    return 0x10000 - this.#sequence;
  }

  /** Packets built so far: the sender's packet count of an SR. */
  get packets(): number {
    return this.#packets;
  }

  /** Payload bytes built so far: the sender's octet count of an SR. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** A packet with its header written and `payloadBytes` unset bytes from `canonicalHeaderBytes` on. */
  build(payloadBytes: number, marker: boolean, timestamp: number, captureTimeUs: number): Buffer {
    const bytes = Buffer.allocUnsafe(canonicalHeaderBytes + payloadBytes);
    this.finish(bytes, marker, timestamp, captureTimeUs);
    return bytes;
  }

  /** Makes bytes whose payload begins at `canonicalHeaderBytes` the stream's next packet: writes its header, in place. */
  finish(bytes: Uint8Array, marker: boolean, timestamp: number, captureTimeUs: number): void {
    writeCanonicalFrame(bytes, marker);
    writeNtp(bytes, canonicalOffset.absCaptureTime + 1, captureTimeUs);
    rewriteForLeg(bytes, this.#leg, this.#sequence, timestamp, 0);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#payloadBytes += bytes.length - canonicalHeaderBytes;
  }
}
