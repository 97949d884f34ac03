import { monotonicClock } from '../monotonic-clock.ts';
import { type DelayCounts, DelayHistogram } from './delay-histogram.ts';

/**
 * How long packets are in this process, from their arrival until they were handed to the transport of one viewer.
 * Reading the clock costs a hundredth of forwarding a packet, so only one in about eight is looked at: at random
 * distances, or with as many viewers it would always be the same one's.
 */
export class ForwardDelays {
  readonly #histogram = new DelayHistogram();
  readonly #nowUs: () => number;
  #random = 1;
  #toSkip = 0;

  /** `nowUs`: the clock of the times given to `note`. */
  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** A packet that arrived at `arrivedUs` was handed out just now. Runs for every packet; allocates nothing. */
  note(arrivedUs: number): void {
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return;
    }
    // A linear congruential generator modulo 2³²; its upper bits, 0 to 15, are the random ones.
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
    this.#toSkip = this.#random >>> 28;
    this.#histogram.note(this.#nowUs() - arrivedUs);
  }

  counts(): DelayCounts {
    return this.#histogram.counts();
  }
}

/** Of this process: a media worker is a process of its own. */
export const forwardDelays = new ForwardDelays(() => monotonicClock.nowUs());
