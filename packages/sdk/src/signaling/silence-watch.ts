export type SilenceWatchOptions = {
  /** Silence after which the other side is suspect, ms. */
  suspectMs: number;
  /** Silence after which it is given up, ms. */
  deadMs: number;
  /** Intended time between two checks, ms. */
  checkMs: number;
};

export type SilenceVerdict = 'alive' | 'suspect' | 'dead';

/**
 * Judges how long the other side has been silent. Time in which this page itself stood still (a late check)
 * is not held against it: its messages may lie in the queue behind the check. Pure.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #silentMs = 0;
  #checkedMs: number;

  constructor(options: SilenceWatchOptions, nowMs: number) {
    this.#options = options;
    this.#checkedMs = nowMs;
  }

  /** Something was heard. */
  handleHeard(nowMs: number): void {
    this.#silentMs = 0;
    this.#checkedMs = nowMs;
  }

  /** Verdict at `nowMs`; call it every `checkMs`. */
  check(nowMs: number): SilenceVerdict {
    this.#silentMs += Math.min(nowMs - this.#checkedMs, 2 * this.#options.checkMs);
    this.#checkedMs = nowMs;
    if (this.#silentMs > this.#options.deadMs) return 'dead';
    return this.#silentMs > this.#options.suspectMs ? 'suspect' : 'alive';
  }

  /** Silence that counts, ms. */
  get silentMs(): number {
    return this.#silentMs;
  }
}
