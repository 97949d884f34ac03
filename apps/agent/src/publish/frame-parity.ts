import {
  canonicalHeaderBytes,
  encodeFec,
  type FecSource,
  FrameProtector,
  PacketBuilder,
  RedundancyPolicy,
  readMarker,
  readSequence,
  readTimestamp,
} from '@longreach/rtp';
import { firstSequence } from './first-sequence.ts';
import { payloadTypes, type VideoLine } from './track-lines.ts';

/** One block of the newest frame and how many of its parity rows exist. */
type Block = { sources: readonly FecSource[]; rows: number; announced: number };

/** Rows of one block, those for probing included. */
const maxRows = 128;
/** Packets of a usual frame before one was seen. */
const usualPackets = 8;
/** Parity for each packet while nobody knows what the network loses: the first picture shall not wait for a repeat. */
const unknownShare = 0.2;
/** Share of a new frame in the mean. */
const meanShare = 0.1;

/** Makes the parity packets of one stream's frames: as many as the policy wants, and more of the newest on request. */
export class FrameParity {
  readonly policy = new RedundancyPolicy();
  /** Whether anything was heard of what the network loses. */
  knowsLoss = false;
  readonly #protector = new FrameProtector();
  readonly #builder: PacketBuilder;
  #newest: Block[] = [];
  #timestamp = 0;
  #captureTimeUs = 0;
  #meanPackets = usualPackets;

  constructor({ fecSsrc, mid }: Pick<VideoLine, 'fecSsrc' | 'mid'>) {
    this.#builder = new PacketBuilder({
      payloadType: payloadTypes.fec,
      ssrc: fecSsrc,
      mid,
      firstSequence: firstSequence(),
    });
  }

  /** Packets that can still be made before the numbers begin anew. */
  get numbersLeft(): number {
    return this.#builder.numbersLeft;
  }

  /** Parity bytes for each byte of media, as the policy would have it for a usual frame now. */
  get share(): number {
    const packets = Math.max(1, Math.round(this.#meanPackets));
    return this.policy.parityFor(packets) / packets;
  }

  /** The parity packets of one frame: all its packets, in order. */
  protect(packets: readonly Uint8Array[], captureTimeUs: number): Uint8Array[] {
    this.#newest = [];
    this.#captureTimeUs = captureTimeUs;
    this.#meanPackets += (packets.length - this.#meanPackets) * meanShare;
    const made: Uint8Array[] = [];
    for (const packet of packets) {
      const timestamp = readTimestamp(packet);
      const payload = packet.subarray(canonicalHeaderBytes);
      this.#timestamp = timestamp;
      const marker = readMarker(packet);
      for (const sources of this.#protector.handlePacket(
        readSequence(packet),
        timestamp,
        marker,
        payload,
      )) {
        const announced = Math.min(maxRows, this.#parityFor(sources.length));
        const block = { sources, rows: 0, announced };
        this.#newest.push(block);
        this.#addRows(block, announced, made);
      }
    }
    return made;
  }

  /** Further parity of the newest frame, about so many bytes: what a probe is filled with, of use to a receiver that lost some. */
  more(bytes: number): Uint8Array[] {
    const made: Uint8Array[] = [];
    let left = bytes;
    while (left > 0) {
      const before = made.length;
      for (const block of this.#newest) {
        if (left > 0 && block.rows < maxRows) this.#addRows(block, 1, made);
        left -= made.at(-1)?.length ?? 0;
      }
      if (made.length === before) break;
    }
    return made;
  }

  #parityFor(sources: number): number {
    if (this.knowsLoss) return this.policy.parityFor(sources);
    return Math.ceil(sources * unknownShare);
  }

  #addRows(block: Block, count: number, made: Uint8Array[]): void {
    if (count === 0) return;
    const { sources, announced } = block;
    const rows = { first: block.rows, count, announced };
    block.rows += count;
    for (const packet of encodeFec(sources, rows, canonicalHeaderBytes)) {
      this.#builder.finish(packet, false, this.#timestamp, this.#captureTimeUs);
      made.push(packet);
    }
  }
}
