/** Lets something newest-wins through at most once a period; what comes in between waits, only the newest kept. */
export class RateGate<Value> {
  readonly #periodUs: number;
  #waiting: { value: Value } | undefined;
  #passedUs = Number.NEGATIVE_INFINITY;

  constructor(periodUs: number) {
    this.#periodUs = periodUs;
  }

  /** When `take` would give something, µs; Infinity while nothing waits. */
  get dueUs(): number {
    return this.#waiting ? this.#passedUs + this.#periodUs : Number.POSITIVE_INFINITY;
  }

  /** Replaces what waits. */
  put(value: Value): void {
    this.#waiting = { value };
  }

  /** What may pass now, or undefined. */
  take(nowUs: number): { value: Value } | undefined {
    if (nowUs < this.dueUs) return undefined;
    return this.force(nowUs);
  }

  /** What waits, whether its time has come or not. */
  force(nowUs: number): { value: Value } | undefined {
    const waiting = this.#waiting;
    if (!waiting) return undefined;
    this.#waiting = undefined;
    this.#passedUs = nowUs;
    return waiting;
  }
}
