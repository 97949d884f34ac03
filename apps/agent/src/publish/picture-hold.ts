/** What waits so long makes every second picture be left out, and more than that every picture, µs. */
export type HoldLimits = { thinUs: number; stopUs: number };

/** What is handed to the link beyond its rate, and how long packets wait on the way, µs. */
export type Waiting = { backlogUs: number; queueDelayUs: number };

/** Of so many pictures one goes out; 0 = none. */
export type KeepOneIn = 0 | 1 | 2;

const queueLimits: HoldLimits = { thinUs: 80_000, stopUs: 170_000 };
/** A limit is left at this share of it. */
const backShare = 0.5;
/** A queue that is still there after so long is not ours alone: pictures go on, every second one first, µs. */
const longest = { stopUs: 350_000, thinUs: 1_000_000 };
/** A queue that has been gone for so long is another one when it returns, µs. */
const calmUs = 600_000;

/** Decides which pictures are left out so that what waits already can leave. Pure: time is given, µs. */
export class PictureHold {
  #backlog: KeepOneIn = 1;
  #queue: KeepOneIn = 1;
  #updatedUs: number | undefined;
  /** Time held for the present queue. */
  #spentUs = 0;
  #queuedUs = Number.NEGATIVE_INFINITY;

  /** Of how many pictures one goes out now. */
  update(limits: HoldLimits, { backlogUs, queueDelayUs }: Waiting, nowUs: number): KeepOneIn {
    if (this.#queue !== 1) this.#spentUs += nowUs - (this.#updatedUs ?? nowUs);
    this.#updatedUs = nowUs;
    if (queueDelayUs > backShare * queueLimits.thinUs) this.#queuedUs = nowUs;
    else if (nowUs - this.#queuedUs > calmUs) this.#spentUs = 0;
    this.#backlog = keepOneIn(limits, backlogUs, this.#backlog);
    this.#queue = this.#bounded(keepOneIn(queueLimits, queueDelayUs, this.#queue));
    if (this.#backlog === 0 || this.#queue === 0) return 0;
    return Math.max(this.#backlog, this.#queue) as KeepOneIn;
  }

  #bounded(keep: KeepOneIn): KeepOneIn {
    if (this.#spentUs >= longest.thinUs) return 1;
    return keep === 0 && this.#spentUs >= longest.stopUs ? 2 : keep;
  }
}

function keepOneIn({ thinUs, stopUs }: HoldLimits, waitingUs: number, before: KeepOneIn) {
  if (waitingUs > (before === 0 ? backShare * stopUs : stopUs)) return 0;
  return waitingUs > (before === 1 ? thinUs : backShare * thinUs) ? 2 : 1;
}
