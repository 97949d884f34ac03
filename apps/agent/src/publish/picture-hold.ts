/** A backlog at which pictures are left out, and one at which they are taken again, µs. */
export type HoldLimits = { stopUs: number; goUs: number };

/** What is handed to the link beyond its rate, and how long packets wait on the way, µs. */
export type Waiting = { backlogUs: number; queueDelayUs: number };

/** Packets that wait longer on the way hold pictures back, until they wait less than that, µs. */
const queue = { stopUs: 90_000, goUs: 45_000 };
/** A queue that is not gone after so long without pictures is not ours alone: they go on, µs. */
const longestUs = 350_000;
/** A queue that has been gone for so long is another one when it returns, µs. */
const calmUs = 600_000;

/** Decides whether pictures are left out so that what waits already can leave. Pure: time is given, µs. */
export class PictureHold {
  #isFull = false;
  #isQueued = false;
  #updatedUs: number | undefined;
  /** Time held for the present queue. */
  #spentUs = 0;
  #queuedUs = Number.NEGATIVE_INFINITY;

  /** Whether they are left out now. */
  update(
    { stopUs, goUs }: HoldLimits,
    { backlogUs, queueDelayUs }: Waiting,
    nowUs: number,
  ): boolean {
    if (this.#isQueued) this.#spentUs += nowUs - (this.#updatedUs ?? nowUs);
    this.#updatedUs = nowUs;
    this.#isFull = backlogUs > (this.#isFull ? goUs : stopUs);
    if (queueDelayUs > queue.goUs) this.#queuedUs = nowUs;
    else if (nowUs - this.#queuedUs > calmUs) this.#spentUs = 0;
    const isLong = queueDelayUs > (this.#isQueued ? queue.goUs : queue.stopUs);
    this.#isQueued = isLong && this.#spentUs < longestUs;
    return this.#isFull || this.#isQueued;
  }
}
