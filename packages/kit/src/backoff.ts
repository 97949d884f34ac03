/** How long to wait before each next attempt. */
export type BackoffOptions = {
  /** Wait before the first repeat, ms. */
  firstMs: number;
  /** Longest wait, ms. */
  maxMs: number;
};

/** Waits that double from `firstMs` to `maxMs`. Pure: the dice are thrown by the caller. */
export class Backoff {
  readonly #options: BackoffOptions;
  #plainMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#plainMs = options.firstMs;
  }

  /**
   * The wait before the attempt that comes now, ms. `draw`, 0 to 1, spreads it by ± 20 %, so that clients that
   * lost the same server come back apart; the default, ½, leaves it as it is.
   */
  nextMs(draw = 0.5): number {
    const { maxMs } = this.#options;
    const plainMs = this.#plainMs;
    this.#plainMs = Math.min(maxMs, 2 * plainMs);
    return Math.min(maxMs, plainMs * (0.8 + 0.4 * draw));
  }

  /** An attempt succeeded: the next wait is the first again. */
  reset(): void {
    this.#plainMs = this.#options.firstMs;
  }
}
