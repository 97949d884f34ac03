/** What losses are judged from. */
export type LossSample = {
  nowUs: number;
  lossShare: number;
  lossPackets: number;
  deliveredBps: number;
  trainBps: number | undefined;
};

type Trial = { sinceUs: number; beforeBps: number; deliveredBps: number; lossShare: number };

/** Arrivals at this share of what bursts show mean that the link may be full. */
const fullShare = 0.8;
/** Loss this far (and three standard deviations) above the inherent one is looked into. */
const minExcess = 0.02;
const deviations = 3;
/** A rate is tried for so long: longer than the loss share looks back. */
const trialUs = 1_600_000;
const trialShare = 0.95;
/** Loss that keeps this share of itself at the lower rate, at which less arrives, has another cause. */
const persistentShare = 0.6;
const lessDelivered = 0.97;
const learnShare = 0.1;
const maxInherent = 0.9;

/**
 * Tells loss that the link has at any rate from loss of a queue too short to be seen as delay (SPEC C11, C12). The
 * latter needs a full link: when bursts pass much faster than what arrives, loss is the link's own.
 */
export class LossJudge {
  #inherent = 0;
  #trial: Trial | undefined;

  /** Loss that no lower rate would avoid. */
  get inherentShare(): number {
    return this.#inherent;
  }

  /** Whether a lower rate is being tried. */
  get isTrying(): boolean {
    return this.#trial !== undefined;
  }

  /** Takes a sample at a time when no queue stands; gives the rate to go to, or undefined to stay. */
  update(sample: LossSample, targetBps: number): number | undefined {
    if (this.#trial !== undefined) return this.#judge(this.#trial, sample);
    const { lossShare, deliveredBps, nowUs } = sample;
    const isFull = sample.trainBps !== undefined && deliveredBps > fullShare * sample.trainBps;
    if (!isFull || lossShare < this.#inherent) {
      this.#learn(lossShare);
      return undefined;
    }
    const spread = Math.sqrt((this.#inherent * (1 - this.#inherent)) / (sample.lossPackets + 1));
    if (lossShare < this.#inherent + Math.max(minExcess, deviations * spread)) return undefined;
    this.#trial = { sinceUs: nowUs, beforeBps: targetBps, deliveredBps, lossShare };
    return Math.min(targetBps, (trialShare * deliveredBps) / (1 - this.#inherent));
  }

  #judge(trial: Trial, sample: LossSample): number | undefined {
    if (sample.nowUs - trial.sinceUs < trialUs) return undefined;
    this.#trial = undefined;
    const persists = sample.lossShare > persistentShare * trial.lossShare;
    if (!persists || sample.deliveredBps > lessDelivered * trial.deliveredBps) return undefined;
    this.#inherent = Math.min(maxInherent, sample.lossShare);
    return trial.beforeBps;
  }

  #learn(lossShare: number): void {
    this.#inherent += learnShare * (Math.min(maxInherent, lossShare) - this.#inherent);
  }
}
