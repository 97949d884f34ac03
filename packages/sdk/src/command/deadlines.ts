/** Absolute deadlines of a fixed rate: a late one does not shift the next, missed ones are left out. Pure. */
export class Deadlines {
  readonly #periodMs: number;
  #dueMs: number;

  constructor(periodMs: number, nowMs: number) {
    this.#periodMs = periodMs;
    this.#dueMs = nowMs;
  }

  /** The next deadline after `nowMs`, as a wait in ms. */
  nextDelayMs(nowMs: number): number {
    const periods = Math.max(1, Math.floor((nowMs - this.#dueMs) / this.#periodMs) + 1);
    this.#dueMs += periods * this.#periodMs;
    return Math.max(0, this.#dueMs - nowMs);
  }
}
