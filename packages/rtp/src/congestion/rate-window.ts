const bucketUs = 20_000;
const buckets = 64;

/** Bytes over time, of the last 1.2 s, in buckets of 20 ms. */
export class RateWindow {
  readonly #bytes = new Float64Array(buckets);
  #newest = Number.NEGATIVE_INFINITY;

  /** Adds bytes at a time; one older than the window is ignored. */
  add(timeUs: number, bytes: number): void {
    const bucket = Math.floor(timeUs / bucketUs);
    if (bucket <= this.#newest - buckets) return;
    for (let cleared = Math.max(this.#newest + 1, bucket - buckets + 1); cleared <= bucket; ) {
      this.#bytes[place(cleared)] = 0;
      cleared += 1;
    }
    this.#newest = Math.max(this.#newest, bucket);
    const index = place(bucket);
    this.#bytes[index] = (this.#bytes[index] as number) + bytes;
  }

  /** Bit/s over the `windowUs` before the bucket of `untilUs`; 0 when nothing is known. */
  bps(untilUs: number, windowUs: number): number {
    const end = Math.floor(untilUs / bucketUs);
    const count = Math.max(1, Math.min(buckets - 1, Math.round(windowUs / bucketUs)));
    let bytes = 0;
    for (let bucket = end - count; bucket < end; bucket++) {
      if (bucket > this.#newest || bucket <= this.#newest - buckets) continue;
      bytes += this.#bytes[place(bucket)] as number;
    }
    return (bytes * 8e6) / (count * bucketUs);
  }
}

function place(bucket: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}
