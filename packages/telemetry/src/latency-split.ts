import type { LatencyPeriod } from './latency.ts';

/** A part of a latency, with what the clocks may be off, ms. */
export type LatencyPart = { meanMs: number; uncertaintyMs: number };

/** The two parts of a period's latency; what is not known is absent. */
export type LatencyParts = {
  /** Capture → arrival at the media worker. */
  latency1?: LatencyPart;
  /** Arrival there → presentation. */
  latency2?: LatencyPart;
};

type Arrivals = LatencyPeriod & { heardMs: number };

/** The worker tells once a second; what is older says nothing about a period any more, ms. */
const freshMs = 3000;
/** Reports kept: those of a long period. */
const maxKept = 64;

/** Splits the latency of one stream at the media worker, by what the worker tells. Pure. Rules: SPEC.md L4 to L6. */
export class LatencySplit {
  readonly #arrivals: Arrivals[] = [];

  /** At `nowMs` the worker told how long pictures took from capture to it. */
  handleArrivals(arrivals: LatencyPeriod, nowMs: number): void {
    if (!Number.isFinite(arrivals.meanMs) || arrivals.frames <= 0) return;
    this.#arrivals.push({ ...arrivals, heardMs: nowMs });
    if (this.#arrivals.length > maxKept) this.#arrivals.shift();
  }

  /** The parts of the latency of the period from `fromMs` to `nowMs`. */
  partsOf(latency: LatencyPeriod | undefined, fromMs: number, nowMs: number): LatencyParts {
    const inPeriod = this.#arrivals.filter(({ heardMs }) => heardMs > fromMs);
    const newest = this.#arrivals.slice(-1).filter(({ heardMs }) => nowMs - heardMs <= freshMs);
    const latency1 = meanOf(inPeriod.length > 0 ? inPeriod : newest);
    if (!latency1 || !latency) return latency1 ? { latency1 } : {};
    // The machine's clock is in both and cancels out: what is left is how well page and worker agree.
    const uncertaintyMs = Math.max(0, latency.uncertaintyMs - latency1.uncertaintyMs);
    return { latency1, latency2: { meanMs: latency.meanMs - latency1.meanMs, uncertaintyMs } };
  }
}

function meanOf(used: readonly Arrivals[]): LatencyPart | undefined {
  const frames = used.reduce((sum, one) => sum + one.frames, 0);
  if (frames === 0) return undefined;
  const mean = (key: keyof LatencyPart) =>
    used.reduce((sum, one) => sum + one[key] * one.frames, 0) / frames;
  return { meanMs: mean('meanMs'), uncertaintyMs: mean('uncertaintyMs') };
}
