import { canonicalHeaderBytes, writeCanonicalFrame } from '../canonical-layout.ts';
import { readMarker, readSequence, readTimestamp } from '../rtp-packet.ts';
import { sequenceDistance } from '../sequence-number.ts';
import {
  copyProtectedHeader,
  encodeRepair,
  maxMaskedPackets,
  type ProtectedPacket,
} from './flexfec-payload.ts';
import { maxParityRows, parityRowsOf } from './parity-rows.ts';

/** Packets of one frame that are kept; of a longer one only the newest are protected. */
const maxFramePackets = 512;
/** A packet so far from its neighbours does not belong to this frame. */
const maxFrameSpan = 1024;

/** How much parity a block gets. */
export type FlexFecRedundancy = {
  /** Parity packets for a block of `sources` packets; 0 = none. */
  parityFor(sources: number): number;
  /** Mean length of loss runs, packets; above 2 neighbours are kept apart. */
  burstPackets: number;
};

const none: readonly Uint8Array<ArrayBuffer>[] = [];

/**
 * FlexFEC-03 over the packets of each frame as they are sent to one receiver, once the frame's last one was sent.
 * Give it every media packet after rewriting; what it returns are canonical packets without names yet, for
 * `rewriteForLeg` and the leg of the FEC stream. Payloads are kept by reference.
 */
export class FlexFecProtector {
  readonly #ssrc: number;
  #packets: ProtectedPacket[] = [];
  #timestamp = -1;

  constructor(options: { mediaSsrc: number }) {
    this.#ssrc = options.mediaSsrc;
  }

  /** Takes one sent packet; gives the repair packets of the frame that it ends (rarely: of the one before too). */
  handlePacket(
    packet: Uint8Array,
    redundancy: FlexFecRedundancy,
  ): readonly Uint8Array<ArrayBuffer>[] {
    if (packet.length < canonicalHeaderBytes) return none;
    const timestamp = readTimestamp(packet);
    // The end of a frame can be lost on the way to us.
    const unended =
      timestamp === this.#timestamp || this.#packets.length === 0 ? none : this.#encode(redundancy);
    this.#timestamp = timestamp;
    if (this.#packets.length === maxFramePackets) this.#packets.shift();
    this.#packets.push({
      header: copyProtectedHeader(packet),
      payload: packet.subarray(canonicalHeaderBytes),
    });
    if (!readMarker(packet)) return unended;
    const ended = this.#encode(redundancy);
    return unended.length === 0 ? ended : [...unended, ...ended];
  }

  /** Forgets what is held: the stream showed something else, or no parity is wanted for now. */
  reset(): void {
    this.#packets = [];
  }

  #encode(redundancy: FlexFecRedundancy): readonly Uint8Array<ArrayBuffer>[] {
    const packets = inOrder(this.#packets);
    this.#packets = [];
    const blocks = Math.ceil(packets.length / maxMaskedPackets);
    const repairs: Uint8Array<ArrayBuffer>[] = [];
    for (let block = 0; block < blocks; block++) {
      const from = Math.floor((packets.length * block) / blocks);
      const to = Math.floor((packets.length * (block + 1)) / blocks);
      this.#encodeBlock(packets.slice(from, to), redundancy, repairs);
    }
    return repairs;
  }

  #encodeBlock(
    packets: readonly ProtectedPacket[],
    redundancy: FlexFecRedundancy,
    repairs: Uint8Array<ArrayBuffer>[],
  ): void {
    const covered = withinMask(packets);
    const wanted = Math.floor(redundancy.parityFor(covered.length));
    const parities = Math.min(wanted, covered.length, maxParityRows);
    if (!(parities > 0) || covered[0] === undefined) return;
    const base = readSequence(covered[0].header);
    const rowsOf = parityRowsOf(covered.length, parities, redundancy.burstPackets > 2);
    for (let row = 0; row < parities; row++) {
      const members = covered.filter((_packet, i) => ((rowsOf[i] as number) & (1 << row)) !== 0);
      const repair = encodeRepair(members, base, this.#ssrc, canonicalHeaderBytes);
      writeCanonicalFrame(repair, false);
      repairs.push(repair);
    }
  }
}

/** By sequence, each once; what lies far from the first does not belong here. */
function inOrder(packets: readonly ProtectedPacket[]): ProtectedPacket[] {
  const first = packets[0];
  if (!first) return [];
  const origin = readSequence(first.header);
  const placed = packets
    .map((packet) => ({ packet, place: sequenceDistance(origin, readSequence(packet.header)) }))
    .filter(({ place }) => Math.abs(place) <= maxFrameSpan)
    .sort((a, b) => a.place - b.place);
  return placed
    .filter(({ place }, i) => i === 0 || place !== placed[i - 1]?.place)
    .map(({ packet }) => packet);
}

/** The packets that one mask can name from the first one's sequence on. */
function withinMask(packets: readonly ProtectedPacket[]): readonly ProtectedPacket[] {
  const first = packets[0];
  if (!first) return packets;
  const base = readSequence(first.header);
  return packets.filter(
    ({ header }) => sequenceDistance(base, readSequence(header)) < maxMaskedPackets,
  );
}
