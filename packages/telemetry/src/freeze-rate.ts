/** Frozen time of one period, or of a sum of periods. */
export type FreezePeriod = {
  /** Time that counts: the period less what was paused or hidden, ms. */
  activeMs: number;
  /** Time counted as frozen at the 100 ms threshold, ms. */
  frozen100Ms: number;
  /** The same at 150 ms. */
  frozen150Ms: number;
  /** Gaps that passed 100 ms; a gap is counted once, in the period that first counts it. */
  gaps100: number;
  gaps150: number;
  /** New frames presented. */
  frames: number;
  /** Share of frozen time, %; absent when no time counted. */
  lag100?: number;
  lag150?: number;
};

type Threshold = { thresholdMs: number; frozenMs: number; gaps: number; countedOfGapMs: number };

/**
 * lag100 and lag150 of one track (docs/5-explain/metrics.md). Pure: every time is given, ms on one monotonic clock.
 * Rules: SPEC.md F1 to F8.
 */
export class FreezeMeter {
  readonly #thresholds: readonly [Threshold, Threshold] = [
    createThreshold(100),
    createThreshold(150),
  ];
  #nowMs: number;
  #paused: boolean;
  /** Time that counted since the start: the meter's own clock, which stands still while paused. */
  #activeMs = 0;
  #periodStartActiveMs = 0;
  #lastFrameActiveMs: number | undefined;
  #frames = 0;

  constructor(startMs: number, options: { paused?: boolean } = {}) {
    this.#nowMs = startMs;
    this.#paused = options.paused ?? false;
  }

  /** A new frame was presented at `presentedMs`. */
  handleFrame(presentedMs: number): void {
    this.#advance(presentedMs);
    this.#frames++;
    const gapMs = this.#activeMs - (this.#lastFrameActiveMs ?? this.#activeMs);
    for (const threshold of this.#thresholds) {
      countGap(threshold, gapMs);
      threshold.countedOfGapMs = 0;
    }
    this.#lastFrameActiveMs = this.#activeMs;
  }

  /** The track is paused on purpose, or the page is hidden, from `nowMs` on. */
  pause(nowMs: number): void {
    this.#advance(nowMs);
    this.#paused = true;
  }

  /** Time counts again from `nowMs` on. */
  resume(nowMs: number): void {
    this.#advance(nowMs);
    this.#paused = false;
  }

  /** Ends the period at `nowMs`, gives its figures and begins the next one. */
  closePeriod(nowMs: number): FreezePeriod {
    this.#advance(nowMs);
    if (this.#lastFrameActiveMs !== undefined) {
      const openMs = this.#activeMs - this.#lastFrameActiveMs;
      for (const threshold of this.#thresholds) countGap(threshold, openMs);
    }
    const period = this.#takePeriod();
    this.#periodStartActiveMs = this.#activeMs;
    return period;
  }

  #takePeriod(): FreezePeriod {
    const [at100, at150] = this.#thresholds;
    const period = withRates({
      activeMs: this.#activeMs - this.#periodStartActiveMs,
      frozen100Ms: at100.frozenMs,
      frozen150Ms: at150.frozenMs,
      gaps100: at100.gaps,
      gaps150: at150.gaps,
      frames: this.#frames,
    });
    for (const threshold of this.#thresholds) {
      threshold.frozenMs = 0;
      threshold.gaps = 0;
    }
    this.#frames = 0;
    return period;
  }

  /** Times that run backwards (a callback that waited behind another one) are taken as the newest time seen. */
  #advance(nowMs: number): void {
    if (nowMs <= this.#nowMs) return;
    if (!this.#paused) this.#activeMs += nowMs - this.#nowMs;
    this.#nowMs = nowMs;
  }
}

/** The figures of several periods as of one. */
export function sumFreezePeriods(periods: Iterable<FreezePeriod>): FreezePeriod {
  const sum = { activeMs: 0, frozen100Ms: 0, frozen150Ms: 0, gaps100: 0, gaps150: 0, frames: 0 };
  for (const period of periods) {
    sum.activeMs += period.activeMs;
    sum.frozen100Ms += period.frozen100Ms;
    sum.frozen150Ms += period.frozen150Ms;
    sum.gaps100 += period.gaps100;
    sum.gaps150 += period.gaps150;
    sum.frames += period.frames;
  }
  return withRates(sum);
}

function createThreshold(thresholdMs: number): Threshold {
  return { thresholdMs, frozenMs: 0, gaps: 0, countedOfGapMs: 0 };
}

/** Counts a gap that is `gapMs` long so far, less what earlier periods counted of it. */
function countGap(threshold: Threshold, gapMs: number): void {
  if (gapMs <= threshold.thresholdMs) return;
  if (threshold.countedOfGapMs === 0) threshold.gaps++;
  threshold.frozenMs += gapMs - threshold.countedOfGapMs;
  threshold.countedOfGapMs = gapMs;
}

function withRates(sums: Omit<FreezePeriod, 'lag100' | 'lag150'>): FreezePeriod {
  if (sums.activeMs <= 0) return sums;
  return {
    ...sums,
    lag100: (sums.frozen100Ms / sums.activeMs) * 100,
    lag150: (sums.frozen150Ms / sums.activeMs) * 100,
  };
}
