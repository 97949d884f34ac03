import type { GatewayCaptureStats } from '@longreach/protocol';
import { Counter } from './counter.ts';
import { DurationMeter } from './duration-meter.ts';
import { GapMeter } from './gap-meter.ts';
import { Period } from './period.ts';
import { rounded, roundedAll } from './rounded.ts';

/** What an input says of itself when it is asked, over its whole life. */
export type InputFacts = {
  /** Absent where the source sets the times. */
  missedPictures?: number | undefined;
  /** Absent where it leaves none out. */
  leftOutPictures?: number | undefined;
};

/** Counts what one input gives. Pure: time is given, µs. */
export class CaptureMeter {
  readonly #period = new Period(0);
  readonly #gaps = new GapMeter();
  readonly #preparation = new DurationMeter();
  readonly #missed = new Counter();
  readonly #leftOut = new Counter();
  #pictures = 0;
  #isRunning = false;

  /** The input begins; what was counted before is forgotten. */
  start(nowUs: number, { missedPictures = 0, leftOutPictures = 0 }: InputFacts): void {
    this.#isRunning = true;
    this.#pictures = 0;
    this.#period.end(nowUs);
    this.#gaps.start(nowUs);
    this.#preparation.take();
    this.#missed.take(missedPictures);
    this.#leftOut.take(leftOutPictures);
  }

  /** The input ended. */
  stop(): void {
    this.#isRunning = false;
  }

  /** A picture was taken, and could be encoded `preparationUs` later. */
  handlePicture(captureTimeUs: number, preparationUs: number): void {
    this.#pictures += 1;
    this.#gaps.handle(captureTimeUs);
    this.#preparation.handle(preparationUs);
  }

  /** The figures since the last call; undefined while the input does not run. Begins anew. */
  take(nowUs: number, targetFps: number, facts: InputFacts): GatewayCaptureStats | undefined {
    if (!this.#isRunning) return undefined;
    this.#period.end(nowUs);
    const { meanMs, p95Ms } = this.#preparation.take();
    const counts = {
      missedPictures: taken(this.#missed, facts.missedPictures),
      leftOutPictures: taken(this.#leftOut, facts.leftOutPictures),
    };
    const stats = {
      targetFps: rounded(targetFps, 2),
      fps: rounded(this.#period.perSecond(this.#pictures), 1),
      longestGapMs: rounded(this.#gaps.take(nowUs) / 1000, 1),
      ...roundedAll({ preparationMeanMs: meanMs, preparationP95Ms: p95Ms }, 2),
      ...roundedAll(counts, 0),
    };
    this.#pictures = 0;
    return stats;
  }
}

function taken(counter: Counter, total: number | undefined): number | undefined {
  return total === undefined ? undefined : counter.take(total);
}
