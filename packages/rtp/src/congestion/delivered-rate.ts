const bucketUs = 20_000;
const buckets = 64;

/** After so long without an arrival a packet as much later than the one before met a link that stood still, its own time on the wire apart. */
const stallUs = 40_000;
const wireWindowUs = 500_000;

/**
 * The rate at which packets arrive, from a packet to a packet: exact while the link is busy, however few packets
 * that takes. Times are those of arrival, less those in which the link stood still (a hand-over).
 */
export class DeliveredRate {
  /** All bytes that had arrived when a bucket had its newest packet, and when that was. */
  readonly #totals = new Float64Array(buckets);
  readonly #timesUs = new Float64Array(buckets).fill(Number.NEGATIVE_INFINITY);
  #totalBytes = 0;
  #newestUs = Number.NEGATIVE_INFINITY;
  #delayUs: number | undefined;
  /** As it was on the clock, standstills included. */
  #arrivedUs = Number.NEGATIVE_INFINITY;
  #stalledUs = 0;

  /** A packet arrived; what comes out of order counts as come with the newest. */
  add(sentUs: number, arrivalUs: number, bytes: number): void {
    this.#totalBytes += bytes;
    this.#noteStall(arrivalUs - sentUs, arrivalUs, bytes);
    this.#newestUs = Math.max(this.#newestUs, arrivalUs - this.#stalledUs);
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

  /** Where packets overtake each other, single ones are late while others go on arriving: nothing stands still. */
  #noteStall(delayUs: number, arrivalUs: number, bytes: number): void {
    const silentUs = arrivalUs - this.#arrivedUs;
    const laterUs = Math.min(silentUs, delayUs - (this.#delayUs ?? delayUs));
    this.#delayUs = delayUs;
    this.#arrivedUs = Math.max(this.#arrivedUs, arrivalUs);
    if (laterUs < stallUs) return;
    const wireUs = (bytes * 8e6) / (this.bps(wireWindowUs) ?? Number.POSITIVE_INFINITY);
    if (laterUs > stallUs + wireUs) this.#stalledUs += laterUs - wireUs;
  }
}

function place(bucket: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}
