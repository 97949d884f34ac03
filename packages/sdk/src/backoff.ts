export type BackoffOptions = {
  /** Wait before the first repeat, ms. Default 100. */
  firstMs?: number;
  /** Longest wait, ms. Default 2000. */
  maxMs?: number;
  /** Gives 0 to 1; spreads clients that lost the same server. */
  random: () => number;
};

/** Waits between attempts: doubled each time up to a bound, ± 20 %. Pure but for the given randomness. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#firstMs = options.firstMs ?? 100;
    this.#maxMs = options.maxMs ?? 2000;
    this.#random = options.random;
  }

  /** Wait before the next attempt, ms. */
  nextMs(): number {
    const plainMs = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#attempts, 20));
    this.#attempts++;
    return Math.min(this.#maxMs, plainMs * (0.8 + 0.4 * this.#random()));
  }

  /** An attempt succeeded: the next wait is the first again. */
  reset(): void {
    this.#attempts = 0;
  }
}
