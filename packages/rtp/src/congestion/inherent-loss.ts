import type { LossReport } from '../fec/redundancy-policy.ts';

/** Packets wait on the way when they are so late, µs. */
const queueUs = 50_000;
/** The measure of loss looks back so far, µs. */
const lossMemoryUs = 2_000_000;

/**
 * Tells the loss that redundancy helps against from the loss of a full queue, which more packets would only make
 * worse (SPEC C18). Pure: times are given, µs.
 */
export class InherentLoss {
  #queuedUs = Number.NEGATIVE_INFINITY;
  #loss: LossReport = { lossShare: 0, burstPackets: 1 };
  #hasQueue = false;

  /** Whether packets wait on the way: repeats would come too late and make others late. */
  get hasQueue(): boolean {
    return this.#hasQueue;
  }

  /** Takes what was measured; gives the loss without what a queue dropped. */
  update({ lossShare, burstPackets }: LossReport, queueDelayUs: number, nowUs: number): LossReport {
    this.#hasQueue = queueDelayUs > queueUs;
    if (this.#hasQueue) this.#queuedUs = nowUs;
    if (nowUs - this.#queuedUs > lossMemoryUs || lossShare < this.#loss.lossShare) {
      this.#loss = { lossShare, burstPackets };
    }
    return this.#loss;
  }
}
