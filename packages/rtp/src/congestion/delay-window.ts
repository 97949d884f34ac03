const bucketUs = 20_000;
const buckets = 64;
/** The base is the least one-way delay of the last 15 to 20 s: long enough to see through a full queue, short enough for drift. */
const baseBucketUs = 5_000_000;
const baseBuckets = 4;

/**
 * One-way delays (arrival less sending, on two clocks whose offset is unknown) against their least value of late:
 * what remains is time spent in queues (SPEC C5). Times are those of sending.
 */
export class DelayWindow {
  readonly #least = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
  readonly #base = new Float64Array(baseBuckets).fill(Number.POSITIVE_INFINITY);
  #newest = Number.NEGATIVE_INFINITY;
  #newestBase = Number.NEGATIVE_INFINITY;
  #newestSentUs = Number.NEGATIVE_INFINITY;

  /** When the newest packet known to have arrived was sent. */
  get newestSentUs(): number {
    return this.#newestSentUs;
  }

  /** A packet sent at `sentUs` took `delayUs` (plus an unknown constant). */
  add(sentUs: number, delayUs: number): void {
    const bucket = Math.floor(sentUs / bucketUs);
    if (bucket <= this.#newest - buckets) return;
    this.#newest = advance(this.#least, this.#newest, bucket);
    this.#newestSentUs = Math.max(this.#newestSentUs, sentUs);
    keepLeast(this.#least, bucket, delayUs);
    const base = Math.floor(sentUs / baseBucketUs);
    this.#newestBase = advance(this.#base, this.#newestBase, base);
    if (base > this.#newestBase - baseBuckets) keepLeast(this.#base, base, delayUs);
  }

  /** What stands now is no queue: the way itself has become longer by so much. */
  raiseBase(byUs: number): void {
    const raised = this.#baseUs() + byUs;
    for (let index = 0; index < baseBuckets; index++) {
      this.#base[index] = Math.max(this.#base[index] as number, raised);
    }
  }

  /** Least queue delay of the packets sent between `fromUs` and `toUs` before the newest; undefined when there is none. */
  leastQueueUs(fromUs: number, toUs = 0): number | undefined {
    if (this.#newestSentUs === Number.NEGATIVE_INFINITY) return undefined;
    const first = Math.floor((this.#newestSentUs - fromUs) / bucketUs) + 1;
    const last = Math.floor((this.#newestSentUs - toUs) / bucketUs);
    let least = Number.POSITIVE_INFINITY;
    for (let bucket = Math.max(first, this.#newest - buckets + 1); bucket <= last; bucket++) {
      least = Math.min(least, this.#least[place(bucket, buckets)] as number);
    }
    if (least === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(0, least - this.#baseUs());
  }

  #baseUs(): number {
    let base = Number.POSITIVE_INFINITY;
    for (let index = 0; index < baseBuckets; index++) {
      base = Math.min(base, this.#base[index] as number);
    }
    return base;
  }
}

/** Empties the places between the newest bucket and a newer one; gives the newest. */
function advance(values: Float64Array, newest: number, bucket: number): number {
  const size = values.length;
  for (let next = Math.max(newest + 1, bucket - size + 1); next <= bucket; next++) {
    values[place(next, size)] = Number.POSITIVE_INFINITY;
  }
  return Math.max(newest, bucket);
}

function keepLeast(values: Float64Array, bucket: number, value: number): void {
  const index = place(bucket, values.length);
  values[index] = Math.min(values[index] as number, value);
}

function place(bucket: number, size: number): number {
  return ((bucket % size) + size) % size;
}
