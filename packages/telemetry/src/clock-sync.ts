/** The four times of a three-stamp exchange, µs: ours (sent, arrived) and the other side's (received, replied). */
export type ClockExchange = {
  sentUs: number;
  receivedUs: number;
  repliedUs: number;
  arrivedUs: number;
};

/** How far the other clock is ahead of ours, and how far that may be wrong, µs. */
export type ClockOffset = { offsetUs: number; uncertaintyUs: number };

export type ClockSyncOptions = {
  /** Exchanges older than this are forgotten, µs. Default 30 s. */
  windowUs?: number;
  /** Exchanges kept at most. Default 40. */
  maxExchanges?: number;
  /** How fast the two clocks may run apart, parts per million. Default 50: cheap crystals. */
  driftPpm?: number;
};

type Sample = { offsetUs: number; halfTripUs: number; arrivedUs: number };

/** Offset to another clock out of repeated exchanges. Pure. Rules: SPEC.md C1 to C6. */
export class ClockSync {
  readonly #windowUs: number;
  readonly #maxExchanges: number;
  readonly #driftPpm: number;
  #samples: Sample[] = [];

  constructor(options: ClockSyncOptions = {}) {
    this.#windowUs = options.windowUs ?? 30_000_000;
    this.#maxExchanges = options.maxExchanges ?? 40;
    this.#driftPpm = options.driftPpm ?? 50;
  }

  /** Takes one exchange; says false when its stamps cannot be true. */
  handleExchange(exchange: ClockExchange): boolean {
    const { sentUs, receivedUs, repliedUs, arrivedUs } = exchange;
    const tripUs = arrivedUs - sentUs - (repliedUs - receivedUs);
    if (!Number.isFinite(tripUs) || tripUs < 0 || repliedUs < receivedUs || arrivedUs < sentUs) {
      return false;
    }
    const offsetUs = (receivedUs - sentUs + (repliedUs - arrivedUs)) / 2;
    this.#samples.push({ offsetUs, halfTripUs: tripUs / 2, arrivedUs });
    if (this.#samples.length > this.#maxExchanges) this.#samples.shift();
    return true;
  }

  /** Best knowledge at `nowUs` (our clock), or undefined when no exchange is young enough. */
  offsetAt(nowUs: number): ClockOffset | undefined {
    this.#samples = this.#samples.filter((sample) => nowUs - sample.arrivedUs <= this.#windowUs);
    let best: ClockOffset | undefined;
    for (const sample of this.#samples) {
      const ageUs = Math.max(0, nowUs - sample.arrivedUs);
      const uncertaintyUs = sample.halfTripUs + (ageUs * this.#driftPpm) / 1_000_000;
      if (best === undefined || uncertaintyUs <= best.uncertaintyUs) {
        best = { offsetUs: sample.offsetUs, uncertaintyUs };
      }
    }
    return best;
  }

  /** Forgets everything: the other side is another one now. */
  reset(): void {
    this.#samples = [];
  }
}
