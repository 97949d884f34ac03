/** Why nothing gets through: no connection works, or nothing is heard of what was sent. */
export type OutageCause = 'connection' | 'silence';

/** Adds up the time in which nothing got through; causes at the same time count once. Pure: time is given, µs. */
export class OutageMeter {
  readonly #causes = new Set<OutageCause>();
  #sinceUs: number;
  #outUs = 0;

  constructor(nowUs: number) {
    this.#sinceUs = nowUs;
  }

  /** From now on this cause holds, or does no more. */
  set(cause: OutageCause, holds: boolean, nowUs: number): void {
    this.#add(nowUs);
    if (holds) this.#causes.add(cause);
    else this.#causes.delete(cause);
  }

  /** The time since the last call in which nothing got through, µs. */
  take(nowUs: number): number {
    this.#add(nowUs);
    const outUs = this.#outUs;
    this.#outUs = 0;
    return outUs;
  }

  #add(nowUs: number): void {
    if (this.#causes.size > 0) this.#outUs += nowUs - this.#sinceUs;
    this.#sinceUs = nowUs;
  }
}
