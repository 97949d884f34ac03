import type { GatewayEncodeStats } from '@longreach/protocol';
import { Counter } from './counter.ts';
import { DurationMeter } from './duration-meter.ts';
import { Period } from './period.ts';
import { rounded, roundedAll } from './rounded.ts';

/** What an encoder says of itself when it is asked. */
export type EncoderFacts = {
  name: string;
  /** Absent while it opens. */
  size?: { width: number; height: number } | undefined;
  /** Pictures left out so far, over its whole life. */
  leftOut: { forRate: number; forHold: number };
};

/** One encoded picture; `tookUs` is absent where nothing was encoded. */
export type EncodedPictureFacts = {
  bytes: number;
  key: boolean;
  isTaken: boolean;
  tookUs?: number;
};

/** Counts what one encoding is made of. Pure: time is given, µs. */
export class EncodeMeter {
  readonly #period = new Period(0);
  readonly #durations = new DurationMeter();
  readonly #forRate = new Counter();
  readonly #forHold = new Counter();
  #pictures = 0;
  #bytes = 0;
  #keyFrames = 0;
  #untaken = 0;

  /** The encoding begins; what was counted before is forgotten. */
  start(nowUs: number, { leftOut }: Pick<EncoderFacts, 'leftOut'>): void {
    this.#period.end(nowUs);
    this.#durations.take();
    this.#forRate.take(leftOut.forRate);
    this.#forHold.take(leftOut.forHold);
    this.#clear();
  }

  /** A picture was encoded. */
  handleEncoded({ bytes, key, isTaken, tookUs }: EncodedPictureFacts): void {
    this.#pictures += 1;
    this.#bytes += bytes;
    if (key) this.#keyFrames += 1;
    if (!isTaken) this.#untaken += 1;
    if (tookUs !== undefined) this.#durations.handle(tookUs);
  }

  /** The figures since the last call; begins anew. */
  take(nowUs: number, { name, size, leftOut }: EncoderFacts): GatewayEncodeStats {
    this.#period.end(nowUs);
    const stats = {
      encoder: name,
      ...(size && { width: size.width, height: size.height }),
      fps: rounded(this.#period.perSecond(this.#pictures), 1),
      ...roundedAll(this.#durations.take(), 2),
      bitrateBps: Math.round(this.#period.perSecond(this.#bytes * 8)),
      keyFrames: this.#keyFrames,
      leftOutForRate: this.#forRate.take(leftOut.forRate),
      leftOutForHold: this.#forHold.take(leftOut.forHold),
      untakenPictures: this.#untaken,
    };
    this.#clear();
    return stats;
  }

  #clear(): void {
    this.#pictures = 0;
    this.#bytes = 0;
    this.#keyFrames = 0;
    this.#untaken = 0;
  }
}
