/** Measures the longest time between two events of a period. Pure: time is given, µs. */
export class GapMeter {
  #sinceUs: number | undefined;
  #longestUs = 0;

  /** Something is awaited from here on. */
  start(nowUs: number): void {
    this.#sinceUs = nowUs;
    this.#longestUs = 0;
  }

  /** What was awaited came. */
  handle(nowUs: number): void {
    if (this.#sinceUs === undefined) return;
    this.#longestUs = Math.max(this.#longestUs, nowUs - this.#sinceUs);
    this.#sinceUs = nowUs;
  }

  /** The longest gap since the last call, µs; one still open counts with its whole length so far, each time. */
  take(nowUs: number): number {
    const openUs = nowUs - (this.#sinceUs ?? nowUs);
    const longestUs = Math.max(this.#longestUs, openUs);
    this.#longestUs = 0;
    return longestUs;
  }
}
