/** In less time than this one picture more or less would be any rate, µs. */
const leastUs = 100_000;

/** Counts the time between two reports and makes rates of counts. Pure: time is given, µs. */
export class Period {
  #sinceUs: number;
  #lengthUs = 0;

  constructor(nowUs: number) {
    this.#sinceUs = nowUs;
  }

  /** A period ends now; the next one begins. */
  end(nowUs: number): void {
    this.#lengthUs = nowUs - this.#sinceUs;
    this.#sinceUs = nowUs;
  }

  /** Length of the period that ended last, ms. */
  get lengthMs(): number {
    return this.#lengthUs / 1000;
  }

  /** So many in that period are so many a second. */
  perSecond(count: number): number {
    return (count * 1_000_000) / Math.max(leastUs, this.#lengthUs);
  }
}
