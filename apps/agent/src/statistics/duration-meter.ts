/** Durations kept for the percentile, the newest ones: more pictures than any camera gives in a period. */
const places = 256;

/** Mean and 95th percentile of a period's durations, ms; absent when there was none. */
export type Durations = { meanMs?: number; p95Ms?: number };

/** Measures durations; nothing is allocated while it counts. Pure. */
export class DurationMeter {
  readonly #newestUs = new Float64Array(places);
  readonly #sorted = new Float64Array(places);
  #count = 0;
  #sumUs = 0;

  /** Something took `durationUs`; less than nothing counts as nothing. */
  handle(durationUs: number): void {
    const us = Math.max(0, durationUs);
    this.#newestUs[this.#count % places] = us;
    this.#count += 1;
    this.#sumUs += us;
  }

  /** The figures since the last call; begins anew. */
  take(): Durations {
    const count = this.#count;
    if (count === 0) return {};
    const kept = Math.min(count, places);
    this.#sorted.set(this.#newestUs.subarray(0, kept));
    const sorted = this.#sorted.subarray(0, kept).sort();
    const p95Us = sorted[Math.ceil(0.95 * kept) - 1] as number;
    const meanUs = this.#sumUs / count;
    this.#count = 0;
    this.#sumUs = 0;
    return { meanMs: meanUs / 1000, p95Ms: p95Us / 1000 };
  }
}
