/** Limits a rate: up to `capacity` tokens at once, refilled at `perSecond`. Pure: time is given. */
export class TokenBucket {
  #capacity: number;
  #perSecond: number;
  #tokens: number;
  #updatedUs: number | undefined;

  constructor(options: { capacity: number; perSecond: number }) {
    this.#capacity = options.capacity;
    this.#perSecond = options.perSecond;
    this.#tokens = options.capacity;
  }

  /** Changes both; what is in the bucket stays, as far as it fits. */
  setRate(rate: { capacity: number; perSecond: number }): void {
    this.#capacity = rate.capacity;
    this.#perSecond = rate.perSecond;
  }

  /** Takes `amount` tokens at `nowUs` (µs) and says whether there were enough; takes none otherwise. */
  take(amount: number, nowUs: number): boolean {
    // A time that steps back must not be counted again when it returns.
    const updatedUs = Math.max(nowUs, this.#updatedUs ?? nowUs);
    const elapsedUs = updatedUs - (this.#updatedUs ?? nowUs);
    this.#updatedUs = updatedUs;
    this.#tokens = Math.min(
      this.#capacity,
      this.#tokens + (elapsedUs * this.#perSecond) / 1_000_000,
    );
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
