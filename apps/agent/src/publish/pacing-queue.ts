import { outerBytes } from './uplink.ts';

/** A place in the order of sending; a lane with a lower number goes first, packets of one lane stay in order. */
export const Lane = { repeat: 0, main: 1, other: 2, small: 3 } as const;
export type Lane = (typeof Lane)[keyof typeof Lane];

/** Packets that were handed in together, and what they are of. */
type Batch<Tag> = { packets: readonly Uint8Array[]; tag: Tag; at: number };
type Waiting<Tag> = { batches: Batch<Tag>[]; packets: number };

const laneCount = 4;
/** Packets that may wait in one lane. */
const maxWaiting = 2048;
/** What leaves at once after a pause: on a thin link so many ms of its rate, on a good one so many packets. */
const burstUs = 40_000;
const burstPackets = { least: 4, most: 16 };
const packetBytes = 1_200;
/** Between bursts packets leave this much faster than the link's rate: soon enough, and no queue of a whole key frame. */
const paceFactor = 2.5;

/** How fast packets may leave. */
export type PacingRate =
  /** Nothing is known of the link: bursts that no socket buffer overflows at. */
  { kind: 'unknown' } | { kind: 'estimated'; bitrateBps: number };

const unknownLink = {
  // 12 packets a millisecond.
  bytesPerUs: (12 * packetBytes) / 1000,
  burstBytes: 48 * packetBytes,
};

/**
 * Decides when each packet of a connection leaves: all its streams share one budget, and what is urgent goes first.
 * Pure: time is given, µs. It also keeps the account of how much more was handed in than the link carries.
 */
export class PacingQueue<Tag> {
  readonly #lanes: Waiting<Tag>[] = Array.from({ length: laneCount }, () => ({
    batches: [],
    packets: 0,
  }));
  #bytesPerUs = unknownLink.bytesPerUs;
  #burstBytes = unknownLink.burstBytes;
  /** The link's own rate, bytes a µs; Infinity = unknown. */
  #linkBytesPerUs = Number.POSITIVE_INFINITY;
  #creditBytes = unknownLink.burstBytes;
  #creditUs = 0;
  #debtBytes = 0;
  #debtUs = 0;

  /** Changes the pace from `nowUs` on. */
  setRate(rate: PacingRate, nowUs: number): void {
    this.#refill(nowUs);
    this.#settle(nowUs);
    if (rate.kind === 'unknown') {
      this.#bytesPerUs = unknownLink.bytesPerUs;
      this.#burstBytes = unknownLink.burstBytes;
      this.#linkBytesPerUs = Number.POSITIVE_INFINITY;
    } else {
      this.#linkBytesPerUs = Math.max(1, rate.bitrateBps) / 8_000_000;
      this.#bytesPerUs = paceFactor * this.#linkBytesPerUs;
      const { least, most } = burstPackets;
      const bytes = this.#linkBytesPerUs * burstUs;
      this.#burstBytes = Math.max(least * packetBytes, Math.min(most * packetBytes, bytes));
    }
    this.#creditBytes = Math.min(this.#creditBytes, this.#burstBytes);
  }

  /** Takes packets; false when the lane has no room for all of them, and then none is taken. */
  push(lane: Lane, packets: readonly Uint8Array[], tag: Tag, nowUs: number): boolean {
    const waiting = this.#lanes[lane] as Waiting<Tag>;
    if (waiting.packets + packets.length > maxWaiting) return false;
    if (packets.length === 0) return true;
    this.#settle(nowUs);
    for (const packet of packets) this.#debtBytes += packet.length + outerBytes;
    waiting.batches.push({ packets, tag, at: 0 });
    waiting.packets += packets.length;
    return true;
  }

  /** Counts bytes that leave beside the queue. */
  spend(bytes: number, nowUs: number): void {
    this.#refill(nowUs);
    this.#settle(nowUs);
    this.#creditBytes -= bytes;
    this.#debtBytes += bytes;
  }

  /** Hands the packets that may leave now to `send`, in their order. */
  release(nowUs: number, send: (packet: Uint8Array, tag: Tag) => void): void {
    this.#refill(nowUs);
    for (const waiting of this.#lanes) {
      while (waiting.packets > 0 && this.#creditBytes > 0) this.#releaseOne(waiting, send);
    }
  }

  /** When the next packet may leave; undefined = nothing waits. */
  get nextUs(): number | undefined {
    if (this.#lanes.every(({ packets }) => packets === 0)) return undefined;
    if (this.#creditBytes > 0) return this.#creditUs;
    return this.#creditUs - this.#creditBytes / this.#bytesPerUs + 1;
  }

  /** How long the link needs for what it was handed so far, waiting or on its way, µs; 0 while its rate is unknown. */
  backlogUs(nowUs: number): number {
    this.#settle(nowUs);
    return this.#debtBytes / this.#linkBytesPerUs;
  }

  /** Drops what waits. */
  clear(): void {
    for (const waiting of this.#lanes) {
      waiting.batches = [];
      waiting.packets = 0;
    }
  }

  #releaseOne(waiting: Waiting<Tag>, send: (packet: Uint8Array, tag: Tag) => void): void {
    const batch = waiting.batches[0] as Batch<Tag>;
    const packet = batch.packets[batch.at] as Uint8Array;
    batch.at += 1;
    waiting.packets -= 1;
    if (batch.at === batch.packets.length) waiting.batches.shift();
    this.#creditBytes -= packet.length + outerBytes;
    send(packet, batch.tag);
  }

  #refill(nowUs: number): void {
    const elapsedUs = nowUs - this.#creditUs;
    if (elapsedUs <= 0) return;
    this.#creditUs = nowUs;
    this.#creditBytes = Math.min(
      this.#burstBytes,
      this.#creditBytes + elapsedUs * this.#bytesPerUs,
    );
  }

  #settle(nowUs: number): void {
    const elapsedUs = nowUs - this.#debtUs;
    if (elapsedUs <= 0) return;
    this.#debtUs = nowUs;
    this.#debtBytes = Math.max(0, this.#debtBytes - elapsedUs * this.#linkBytesPerUs);
  }
}
