/** How long to wait before the next attempt: doubles from `firstMs` to `maxMs`, starts again after a success. Pure. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#nextMs = firstMs;
  }

  /** The wait before the attempt that comes now, ms. */
  next(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#maxMs, waitMs * 2);
    return waitMs;
  }

  /** The last attempt held. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
