import type { StreamSample } from '@longreach/telemetry/diagnosis';

/** Quality is bad from here on (docs/5-explain/metrics.md, quality class), %. */
const badLag150 = 3;
/** One period is an accident, two are not. */
const badInARow = 2;
/** Between two that begin by themselves, ms. */
const restMs = 60_000;

/** Says when a diagnosis should begin by itself: quality fell. Pure: times are given by the samples. */
export class QualityWatch {
  readonly #bad = new Map<number, number>();
  #restUntilMs = Number.NEGATIVE_INFINITY;

  /** Takes the next sample of a stream; true when its quality has fallen. */
  handleSample(streamId: number, sample: StreamSample): boolean {
    const { atMs, browser } = sample;
    // A hidden page draws nothing; that is no fault to look for.
    const isSeen = (browser?.hiddenMs ?? 0) === 0;
    const isBad = isSeen && (browser?.stats?.lag150 ?? 0) > badLag150;
    const inARow = isBad ? (this.#bad.get(streamId) ?? 0) + 1 : 0;
    this.#bad.set(streamId, inARow);
    if (inARow < badInARow || atMs < this.#restUntilMs) return false;
    this.#restUntilMs = atMs + restMs;
    return true;
  }
}
