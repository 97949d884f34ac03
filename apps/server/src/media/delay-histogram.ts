/** Upper bounds of the buckets, µs: what is longer falls into one more. */
export const delayBoundsUs: readonly number[] = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1_000, 2_000, 5_000, 10_000, 20_000, 50_000],
  ...[100_000, 200_000, 500_000, 1_000_000],
];

/** How many delays fell into each bucket, the last one without a bound, and their sum. */
export type DelayCounts = { counts: number[]; sumUs: number };

const bucketCount = delayBoundsUs.length + 1;

/** Counts delays by size. Noting one allocates nothing. */
export class DelayHistogram {
  readonly #bounds = Float64Array.from(delayBoundsUs);
  /** One for each bucket, and at the end the sum: a field of its own would be a new number each time. */
  readonly #counts = new Float64Array(bucketCount + 1);

  /** Runs for every packet. */
  note(delayUs: number): void {
    const bounds = this.#bounds;
    const counts = this.#counts;
    let bucket = 0;
    while (bucket < bounds.length && delayUs > (bounds[bucket] as number)) bucket++;
    counts[bucket] = (counts[bucket] as number) + 1;
    counts[bucketCount] = (counts[bucketCount] as number) + delayUs;
  }

  /** All that was noted so far. */
  counts(): DelayCounts {
    const counts = [...this.#counts];
    return { counts: counts.slice(0, bucketCount), sumUs: counts[bucketCount] ?? 0 };
  }
}

/** Counts of nothing. */
export function noDelays(): DelayCounts {
  return { counts: new Array<number>(bucketCount).fill(0), sumUs: 0 };
}

/** Both together. */
export function addDelays(a: DelayCounts, b: DelayCounts): DelayCounts {
  const counts = a.counts.map((count, bucket) => count + (b.counts[bucket] ?? 0));
  return { counts, sumUs: a.sumUs + b.sumUs };
}

/** What was noted after `earlier`. */
export function delaysSince(earlier: DelayCounts, now: DelayCounts): DelayCounts {
  const counts = now.counts.map((count, bucket) => count - (earlier.counts[bucket] ?? 0));
  return { counts, sumUs: now.sumUs - earlier.sumUs };
}

/**
 * The delay that this share (0 to 1) does not exceed, µs, as if each bucket were filled evenly; the greatest bound for
 * anything longer. Undefined when nothing was noted.
 */
export function delayQuantileUs({ counts }: DelayCounts, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    const upperUs = delayBoundsUs[bucket];
    if (upperUs === undefined) break;
    if (count > 0 && below + count >= share * total) {
      const lowerUs = delayBoundsUs[bucket - 1] ?? 0;
      return lowerUs + (upperUs - lowerUs) * Math.max(0, (share * total - below) / count);
    }
    below += count;
  }
  return delayBoundsUs.at(-1);
}
