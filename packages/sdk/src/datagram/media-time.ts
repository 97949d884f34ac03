import { timestampDistance } from '@longreach/rtp/receive';

const twoTo32 = 2 ** 32;

/**
 * Timestamp of a `VideoFrame` (whole µs) for an RTP timestamp counted on without a turn (90 kHz). Rounded up, so that
 * `rtpTimestampOf` gives the very tick back. Rule D1.
 */
export function frameTimestampOf(ticks: number): number {
  return Math.ceil((ticks * 100) / 9);
}

/** RTP timestamp (32 bits) of a picture by its `mediaTime`, s: the timestamp of its `VideoFrame`. */
export function rtpTimestampOf(mediaTime: number): number {
  const ticks = Math.floor((Math.round(mediaTime * 1_000_000) * 9) / 100);
  return ((ticks % twoTo32) + twoTo32) % twoTo32;
}

/** Counts RTP timestamps on over the turn of their 32 bits. */
export class TickCounter {
  #ticks: number | undefined;

  /** Ticks of the timestamp that lies nearest to the last one. */
  count(timestamp: number): number {
    this.#ticks =
      this.#ticks === undefined
        ? timestamp
        : this.#ticks + timestampDistance(this.#ticks % twoTo32, timestamp);
    return this.#ticks;
  }
}
