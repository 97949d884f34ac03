const bucketUs = 20_000;
const buckets = 64;

/**
 * The rate at which packets arrive, from a packet to a packet: exact while the link is busy, however few packets
 * that takes. Times are those of arrival.
 */
export class DeliveredRate {
  /** All bytes that had arrived when a bucket had its newest packet, and when that was. */
  readonly #totals = new Float64Array(buckets);
  readonly #timesUs = new Float64Array(buckets).fill(Number.NEGATIVE_INFINITY);
  #totalBytes = 0;
  #newestUs = Number.NEGATIVE_INFINITY;

  /** A packet arrived; what comes out of order counts as come with the newest. */
  add(arrivalUs: number, bytes: number): void {
    this.#totalBytes += bytes;
    this.#newestUs = Math.max(this.#newestUs, arrivalUs);
    const index = place(Math.floor(this.#newestUs / bucketUs));
    this.#totals[index] = this.#totalBytes;
    this.#timesUs[index] = this.#newestUs;
  }

  /** Bit/s over the newest `windowUs` (at most 1.2 s) or somewhat more; undefined when less is known. */
  bps(windowUs: number): number | undefined {
    const newest = Math.floor(this.#newestUs / bucketUs);
    const first = newest - Math.ceil(windowUs / bucketUs);
    for (let bucket = first; bucket > newest - buckets; bucket--) {
      const index = place(bucket);
      const timeUs = this.#timesUs[index] as number;
      if (Math.floor(timeUs / bucketUs) !== bucket) continue;
      return (
        ((this.#totalBytes - (this.#totals[index] as number)) * 8e6) / (this.#newestUs - timeUs)
      );
    }
    return undefined;
  }
}

function place(bucket: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}
