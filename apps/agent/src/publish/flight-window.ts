/** Spans of time whose needs count, and their length, µs; the one that needed most may be an accident. */
const spans = 4;
const spanUs = 1_000_000;
const accidents = 1;
/** Room above what was needed, and never less than that, bytes. */
const margin = 1.05;
const leastBytes = 12_000;
/** A link that is known to carry more has room for so long a time of it, µs. */
const linkUs = 30_000;

/**
 * Bounds how much may be on its way unanswered: as much as was needed of late. When a link suddenly narrows, what is
 * too much waits here instead of overflowing the link's queue, where it would be lost. Pure: time is given, µs.
 */
export class FlightWindow {
  readonly #needed = new Float64Array(spans);
  #span = Number.NaN;
  #firstSpan = Number.NaN;

  /** An answer came that was no later than usual; so much was on its way or waited for it, bytes. */
  handleUsual(neededBytes: number, nowUs: number): void {
    this.#advance(nowUs);
    const place = this.#span % spans;
    this.#needed[place] = Math.max(this.#needed[place] as number, neededBytes);
  }

  /** Most that may be on its way; unlimited until enough was seen. */
  limitBytes(targetBps: number, nowUs: number): number {
    this.#advance(nowUs);
    if (this.#span - this.#firstSpan < 2) return Number.POSITIVE_INFINITY;
    const sorted = this.#needed.toSorted();
    const needed = margin * (sorted[spans - 1 - accidents] as number);
    return Math.max(leastBytes, needed, (targetBps * linkUs) / 8e6);
  }

  #advance(nowUs: number): void {
    const span = Math.floor(nowUs / spanUs);
    if (Number.isNaN(this.#span)) this.#firstSpan = span;
    const from = Number.isNaN(this.#span) ? span : Math.max(this.#span + 1, span - spans + 1);
    for (let next = from; next <= span; next++) this.#needed[next % spans] = 0;
    this.#span = span;
  }
}
