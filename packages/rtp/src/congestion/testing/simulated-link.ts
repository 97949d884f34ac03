import type { SeededRandom } from './seeded-random.ts';

/** One direction of a network path under virtual time; times in µs. */
export type LinkOptions = {
  /** Bit/s of the bottleneck at a time; 0 holds everything back. Default: no bottleneck. */
  rateBps?: (nowUs: number) => number;
  /** Packets that would wait longer than this at the rate of the moment are dropped. Default 200,000. */
  queueUs?: number;
  /** Propagation. Default 7,500. */
  delayUs?: number;
  /** Added to it at a time. Default: nothing. */
  moreDelayUs?: (nowUs: number) => number;
  /** Share of packets lost at random before the bottleneck. */
  loss?: number;
  /** Mean length of runs of lost packets (Gilbert-Elliott); 1 = independent. */
  burst?: number;
  /** Every packet is late by 0 to so much; order is kept. */
  jitterUs?: (nowUs: number) => number;
  /** Lateness changes at most this often. Default 0: for every packet. */
  jitterHoldUs?: number;
  /** All packets sent at this time are lost. */
  isOut?: (nowUs: number) => boolean;
};

type Waiting<T> = { content: T; bytes: number; enteredUs: number };
type Travelling<T> = { content: T; arrivesUs: number; queuedUs: number };

/** Time after which a bottleneck without rate is looked at again. */
const pollUs = 1_000;

/** A bottleneck with a drop-tail queue, then propagation; loss before both. Order is always kept. */
export class SimulatedLink<T> {
  readonly #options: LinkOptions;
  readonly #random: SeededRandom;
  readonly #queue: Waiting<T>[] = [];
  readonly #travelling: Travelling<T>[] = [];
  #queuedBytes = 0;
  #serviceEndsUs: number | undefined;
  #lastArrivalUs = 0;
  #isInBurst = false;
  #lateUs = 0;
  #lateUntilUs = 0;
  dropped = 0;

  constructor(options: LinkOptions, random: SeededRandom) {
    this.#options = options;
    this.#random = random;
  }

  /** When `advance` has something to do. */
  get nextUs(): number {
    const arrival = this.#travelling[0]?.arrivesUs ?? Number.POSITIVE_INFINITY;
    return Math.min(arrival, this.#serviceEndsUs ?? Number.POSITIVE_INFINITY);
  }

  send(content: T, bytes: number, nowUs: number): void {
    const { isOut, rateBps, queueUs = 200_000 } = this.#options;
    if (isOut?.(nowUs) || this.#isLost()) return;
    const rate = rateBps?.(nowUs);
    if (rate === undefined) {
      this.#propagate(content, nowUs, 0);
      return;
    }
    if (rate > 0 && (this.#queuedBytes * 8e6) / rate > queueUs) {
      this.dropped += 1;
      return;
    }
    this.#queue.push({ content, bytes, enteredUs: nowUs });
    this.#queuedBytes += bytes;
    if (this.#serviceEndsUs === undefined) this.#serve(nowUs);
  }

  /** Moves to `nowUs`; gives what arrived, with the time it waited in the queue. */
  advance(nowUs: number, onArrival: (content: T, queuedUs: number) => void): void {
    while (this.#serviceEndsUs !== undefined && this.#serviceEndsUs <= nowUs) {
      const endUs = this.#serviceEndsUs;
      const head = this.#queue[0];
      const isHeld = (this.#options.rateBps?.(endUs) ?? 0) <= 0;
      if (head !== undefined && !isHeld) {
        this.#queue.shift();
        this.#queuedBytes -= head.bytes;
        this.#propagate(head.content, endUs, endUs - head.enteredUs);
      }
      this.#serve(endUs);
    }
    while ((this.#travelling[0]?.arrivesUs ?? Number.POSITIVE_INFINITY) <= nowUs) {
      const { content, queuedUs } = this.#travelling.shift() as Travelling<T>;
      onArrival(content, queuedUs);
    }
  }

  #serve(nowUs: number): void {
    const head = this.#queue[0];
    if (head === undefined) {
      this.#serviceEndsUs = undefined;
      return;
    }
    const rate = this.#options.rateBps?.(nowUs) ?? Number.POSITIVE_INFINITY;
    this.#serviceEndsUs = nowUs + (rate > 0 ? (head.bytes * 8e6) / rate : pollUs);
  }

  #propagate(content: T, nowUs: number, queuedUs: number): void {
    const { delayUs = 7_500, jitterUs, jitterHoldUs = 0, moreDelayUs } = this.#options;
    const wayUs = delayUs + (moreDelayUs?.(nowUs) ?? 0);
    if (jitterUs !== undefined && nowUs >= this.#lateUntilUs) {
      this.#lateUs = jitterUs(nowUs) * this.#random.next();
      this.#lateUntilUs = nowUs + jitterHoldUs;
    }
    const arrivesUs = Math.max(this.#lastArrivalUs, nowUs + wayUs + this.#lateUs);
    this.#lastArrivalUs = arrivesUs;
    this.#travelling.push({ content, arrivesUs, queuedUs });
  }

  #isLost(): boolean {
    const { loss = 0, burst = 1 } = this.#options;
    if (loss === 0) return false;
    if (burst <= 1) return this.#random.next() < loss;
    const leave = 1 / burst;
    const enter = (leave * loss) / (1 - loss);
    this.#isInBurst = this.#random.next() < (this.#isInBurst ? 1 - leave : enter);
    return this.#isInBurst;
  }
}
