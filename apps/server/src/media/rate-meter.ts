/** Between two looks, µs. */
const intervalUs = 250_000;
/** Weight of a new look: what is shown is about the last second. */
const weight = 0.4;

/** The rate at which a byte counter grows. */
export class RateMeter {
  bitrateBps = 0;
  #bytes = 0;
  #sinceUs: number | undefined;

  /** Looks at the counter; to be called every few milliseconds. */
  update(bytes: number, nowUs: number): void {
    if (this.#sinceUs === undefined) {
      this.#sinceUs = nowUs;
      this.#bytes = bytes;
      return;
    }
    const elapsedUs = nowUs - this.#sinceUs;
    if (elapsedUs < intervalUs) return;
    const measuredBps = ((bytes - this.#bytes) * 8e6) / elapsedUs;
    this.bitrateBps += (measuredBps - this.bitrateBps) * weight;
    this.#bytes = bytes;
    this.#sinceUs = nowUs;
  }
}
