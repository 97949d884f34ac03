/** A monotonic clock, microseconds since an arbitrary origin that all processes of one machine share. */
export type Clock = { nowUs(): number };

/** A clock that only moves when told: cores and their tests run under it. */
export class ManualClock implements Clock {
  #nowUs: number;

  constructor(startUs = 0) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  /** Moves time forward by `deltaUs` (µs, not negative). */
  advanceUs(deltaUs: number): void {
    if (deltaUs < 0) throw new RangeError('time does not run backwards');
    this.#nowUs += deltaUs;
  }
}
