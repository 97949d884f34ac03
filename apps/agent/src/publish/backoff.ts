/** How long to wait before each next attempt. */
export type BackoffOptions = {
  /** Wait before the first repeat, ms. */
  firstMs: number;
  /** Longest wait, ms. */
  maxMs: number;
};

/** Waits that double from `firstMs` to `maxMs`. Pure. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** The wait before the attempt that comes now, ms. */
  next(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#options.maxMs, Math.max(1, waitMs) * 2);
    return waitMs;
  }

  /** An attempt succeeded: the next failure starts from the first wait again. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}
