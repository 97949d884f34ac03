import { outerBytes } from './uplink.ts';

/** What headers add to a usual frame before one was sent. */
const usualHeaderFactor = 1.12;
/** Share of a new frame in the mean. */
const meanShare = 0.08;
/** Repeats count over this time, µs. */
const windowUs = 500_000;
/** What repeats may cost in the account; more than that is not a state to plan with. */
const maxRepeatShare = 1.5;
/** A parity packet is this much bigger than the packets it protects, which are not all of one size. */
const parityFactor = 1.05;

/** What one stream costs on the wire for each byte that the encoder makes. Pure: time is given, µs. */
export class SendCost {
  #headerFactor = usualHeaderFactor;
  #mediaBytes = 0;
  #repeatBytes = 0;
  #encodedBytes = 0;
  #fadedUs = 0;

  /** A frame of so many encoded bytes was made into packets. */
  handleFrame(encodedBytes: number, packets: readonly Uint8Array[], nowUs: number): void {
    if (encodedBytes === 0) return;
    this.#fade(nowUs);
    this.#encodedBytes += encodedBytes;
    const wireBytes = bytesOf(packets);
    this.#mediaBytes += wireBytes;
    this.#headerFactor += (wireBytes / encodedBytes - this.#headerFactor) * meanShare;
  }

  /** Packets were repeated. */
  handleRepeats(packets: readonly Uint8Array[], nowUs: number): void {
    this.#fade(nowUs);
    this.#repeatBytes += bytesOf(packets);
  }

  /** Bytes on the wire for each encoded byte when parity takes `parityShare` of the media's. */
  factor(parityShare: number, nowUs: number): number {
    this.#fade(nowUs);
    const share = this.#mediaBytes > 0 ? this.#repeatBytes / this.#mediaBytes : 0;
    const repairShare = parityShare * parityFactor + Math.min(maxRepeatShare, share);
    return this.#headerFactor * (1 + repairShare);
  }

  /** What the encoder makes, bit/s. */
  encodedBps(nowUs: number): number {
    this.#fade(nowUs);
    return (this.#encodedBytes * 8e6) / windowUs;
  }

  #fade(nowUs: number): void {
    const keep = Math.exp(-Math.max(0, nowUs - this.#fadedUs) / windowUs);
    this.#fadedUs = nowUs;
    this.#mediaBytes *= keep;
    this.#repeatBytes *= keep;
    this.#encodedBytes *= keep;
  }
}

function bytesOf(packets: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const packet of packets) bytes += packet.length + outerBytes;
  return bytes;
}
