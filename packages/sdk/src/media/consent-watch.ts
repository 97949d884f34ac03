/** Time that is looked back upon, ms: the other end gives up after 30 s, and a new connection takes some. */
const windowMs = 18_000;
/** Of about four checks in that time so many must have come: each answer may have been lost. */
const leastChecks = 3;

/**
 * Guesses whether the other end of a connection with heavy loss is about to give it up (RFC 7675): it asks for consent
 * every five seconds, and its requests that came are known, the answers that got there are not. Pure: times in ms.
 */
export class ConsentWatch {
  readonly #counts: Array<{ atMs: number; requests: number }> = [];

  /** `requests`: that came so far, as the statistics of the candidate pairs say. */
  handleCount(requests: number, atMs: number): void {
    this.#counts.push({ atMs, requests });
    while ((this.#counts[1]?.atMs ?? atMs) <= atMs - windowMs) this.#counts.shift();
  }

  /** False while too little is known. */
  get isEndangered(): boolean {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    if (!first || !last || last.atMs - first.atMs < windowMs) return false;
    return last.requests - first.requests < leastChecks;
  }
}
