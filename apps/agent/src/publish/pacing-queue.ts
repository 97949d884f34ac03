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
  #waitingBytes = 0;
  #roomBytes = Number.POSITIVE_INFINITY;

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
    let bytes = 0;
    for (const packet of packets) bytes += packet.length + outerBytes;
    this.#debtBytes += bytes;
    this.#waitingBytes += bytes;
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

  /** So much may leave from now on but for repeats, until another word, bytes. */
  set roomBytes(bytes: number) {
    this.#roomBytes = bytes;
  }

  /** What waits for room, bytes. */
  get heldBytes(): number {
    return this.#roomBytes > 0 ? 0 : this.#waitingBytes;
  }

  /** Hands the packets that may leave now to `send`, in their order. */
  release(nowUs: number, send: (packet: Uint8Array, tag: Tag) => void): void {
    this.#refill(nowUs);
    for (const [lane, waiting] of this.#lanes.entries()) {
      while (waiting.packets > 0 && this.#mayLeave(lane)) this.#releaseOne(waiting, send);
    }
  }

  /** When the next packet may leave; undefined = nothing waits, or only for room. */
  get nextUs(): number | undefined {
    const isHeld = this.#roomBytes <= 0;
    const lanes = isHeld ? this.#lanes.slice(0, Lane.repeat + 1) : this.#lanes;
    if (lanes.every(({ packets }) => packets === 0)) return undefined;
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
    this.#waitingBytes = 0;
  }

  #mayLeave(lane: number): boolean {
    return this.#creditBytes > 0 && (this.#roomBytes > 0 || lane === Lane.repeat);
  }

  #releaseOne(waiting: Waiting<Tag>, send: (packet: Uint8Array, tag: Tag) => void): void {
    const batch = waiting.batches[0] as Batch<Tag>;
    const packet = batch.packets[batch.at] as Uint8Array;
    batch.at += 1;
    waiting.packets -= 1;
    if (batch.at === batch.packets.length) waiting.batches.shift();
    const bytes = packet.length + outerBytes;
    this.#creditBytes -= bytes;
    this.#waitingBytes -= bytes;
    this.#roomBytes -= bytes;
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
