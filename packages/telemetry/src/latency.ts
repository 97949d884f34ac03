/** Latency over one period. */
export type LatencyPeriod = {
  /** Mean, ms. */
  meanMs: number;
  /** How far the mean may be wrong because of the clocks, ms. */
  uncertaintyMs: number;
  frames: number;
};

/** Mean latency of the frames of a period. Pure. Rules: SPEC.md L1 to L3. */
export class LatencyMeter {
  #sumMs = 0;
  #sumUncertaintyMs = 0;
  #frames = 0;

  /** One frame: presentation − capture on the synchronised clock, and what the clocks may be off, ms. */
  handleFrame(latencyMs: number, uncertaintyMs: number): void {
    if (!Number.isFinite(latencyMs) || !Number.isFinite(uncertaintyMs)) return;
    this.#sumMs += latencyMs;
    this.#sumUncertaintyMs += uncertaintyMs;
    this.#frames++;
  }

  /** Ends the period; undefined when no frame had a known latency. */
  closePeriod(): LatencyPeriod | undefined {
    const frames = this.#frames;
    // The clock error is common to all frames of a period, so that averaging does not shrink it.
    const period =
      frames === 0
        ? undefined
        : {
            meanMs: this.#sumMs / frames,
            uncertaintyMs: this.#sumUncertaintyMs / frames,
            frames,
          };
    this.#sumMs = 0;
    this.#sumUncertaintyMs = 0;
    this.#frames = 0;
    return period;
  }
}
