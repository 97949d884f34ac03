/** Makes counts of a period of a count that only grows. */
export class Counter {
  #before: number;

  constructor(total = 0) {
    this.#before = total;
  }

  /** What came to `total` since the last call. */
  take(total: number): number {
    const added = Math.max(0, total - this.#before);
    this.#before = total;
    return added;
  }
}
