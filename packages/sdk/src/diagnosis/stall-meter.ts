/** Longest time between two calls that come again and again. Pure: times are given, ms. */
export class StallMeter {
  #lastMs: number | undefined;
  #longestMs = 0;

  /** The periodic call has come. */
  handleTick(nowMs: number): void {
    if (this.#lastMs !== undefined) {
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
    }
    this.#lastMs = nowMs;
  }

  /** Time does not count until the next call: a hidden page is called seldom, on purpose. */
  pause(): void {
    this.#lastMs = undefined;
  }

  /** The longest one since the last `take`; one that still goes on counts with its length so far. */
  take(nowMs: number): number {
    const openMs = this.#lastMs === undefined ? 0 : nowMs - this.#lastMs;
    const longestMs = Math.max(this.#longestMs, openMs);
    this.#longestMs = 0;
    return longestMs;
  }
}
