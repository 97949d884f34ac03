import { LossJudge } from './loss-judge.ts';
import { QueueThreshold } from './queue-threshold.ts';

/** What the link showed at one feedback. */
export type LinkSample = {
  nowUs: number;
  /** Least queue delay of the newest 40 ms of packets and of the 40 ms before; undefined where there were none. */
  frameQueueUs: number | undefined;
  frameBeforeUs: number | undefined;
  /** Least queue delay of the newest 100 ms of packets, µs. */
  queueUs: number;
  /** The same of the 100 ms before them. */
  queueBeforeUs: number | undefined;
  /** Least queue delay of the newest 170 ms of packets: what stands in the queue between frames. */
  standingUs: number;
  /** Bytes that arrived, over 200 ms of the receiver's time, bit/s. */
  deliveredBps: number;
  /** Least queue delay of the newest 20 ms of packets, and what arrived over 60 ms. */
  newestQueueUs: number;
  newestBps: number;
  /** Bytes sent in the half second before the newest acknowledged packet, bit/s. */
  sentBps: number;
  /** What bursts show the bottleneck to carry, bit/s. */
  trainBps: number | undefined;
  lossShare: number;
  lossPackets: number;
  roundTripUs: number;
};

/** Bounds of the rate. */
export type RateLimits = { minBps: number; maxBps: number; startBps: number };

type Drain = {
  sinceUs: number;
  beforeBps: number;
  /** The queue has to fall below this by then, or less is sent. */
  checkUs: number;
  checkQueueUs: number;
  /** The share of the capacity that checks without effect left. */
  backoff: number;
  /** How much queue the link had time to empty while less arrived than it carries. */
  idleUs: number;
};

/** Draining aims to empty the queue in this time, giving up at least and at most these shares of the capacity. */
const drainTimeUs = 400_000;
const minCut = 0.08;
const maxCut = 0.4;
/** Behind this much queue, µs, the link is busy all the time: what arrives is its capacity. */
const fullQueueUs = 30_000;
/** How often, apart from a round trip, a drain must have shown an effect; what each failure costs. */
const checkUs = 150_000;
const failureShare = 0.9;
/** A delay that outlasts so much idle time of the link, and this share of itself, is no queue. */
const idleUs = 25_000;
const idleShare = 0.5;
/** A queue that is gone a round trip and two frames after the cut went of its own accord. */
const ownAccordUs = 70_000;
const afterDrainShare = 0.95;
/** Growth factors a second: by what bursts show, at the start and later; without that, before a capacity is known; then. */
const startGrowth = 2.5;
const fastGrowth = 1.75;
const freeGrowth = 1.15;
const gentleGrowth = 1.08;
const carefulGrowth = 1.04;
/** The rate goes fast up to this share of what bursts show, when they show this much more than it. */
const trainShare = 0.9;
const trainMargin = 1.3;
/** Bursts regain trust by this factor a second. */
const trustGrowth = 1.02;
/** ... and keep this share of it when they promised too much. */
const leastTrust = 0.7;
/** When bursts show so many times what is sent, a delay that stands is no queue of ours. */
const roomFactor = 1.5;
/** Below this share of the rate the application limits itself. */
const limitedShare = 0.8;
/** How long a measured capacity makes growth near it careful. */
const capacityAgeUs = 20_000_000;
const maxStepUs = 300_000;
const returnShare = 0.8;

/** Decides how much may be sent, from what each feedback showed (SPEC C6–C8, C10, C13). */
export class RateControl {
  #limits: RateLimits;
  #targetBps: number;
  readonly #threshold = new QueueThreshold();
  #drain: Drain | undefined;
  /** What the link carried when it was last full, as sent: losses on the way included. */
  #capacityBps = Number.POSITIVE_INFINITY;
  #capacityUs = Number.NEGATIVE_INFINITY;
  /** The link's limit was met at least once. */
  #wasFull = false;
  /** Bursts pass some links faster than streams: the share of their rate that the link really carried. */
  #trainTrust = 1;
  readonly #losses = new LossJudge();
  #lastUs: number | undefined;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#targetBps = clamp(limits.startBps, limits.minBps, limits.maxBps);
  }

  /** Bit/s that may be sent, repairs and headers included. */
  get targetBps(): number {
    return this.#targetBps;
  }

  /** Whether a queue is being emptied now. */
  get isDraining(): boolean {
    return this.#drain !== undefined;
  }

  /** Changes the most that is ever wanted. */
  setMaxBps(maxBps: number): void {
    this.#limits = { ...this.#limits, maxBps: Math.max(maxBps, this.#limits.minBps) };
    this.#setTarget(this.#targetBps);
  }

  /** The link is back after an outage: whatever it carried before, begin somewhat lower. */
  handleReturn(): void {
    const beforeBps = this.#drain?.beforeBps ?? this.#targetBps;
    this.#drain = undefined;
    this.#lastUs = undefined; // nothing grew meanwhile
    this.#setTarget(returnShare * beforeBps);
  }

  /** Takes what a feedback showed; gives by how much the way itself turned out to be longer, µs, mostly 0. */
  update(sample: LinkSample): number {
    const seconds = Math.min(maxStepUs, sample.nowUs - (this.#lastUs ?? sample.nowUs)) / 1e6;
    this.#lastUs = sample.nowUs;
    this.#threshold.update(sample, seconds, this.isDraining);
    this.#trainTrust = Math.min(1, this.#trainTrust * trustGrowth ** seconds);
    const hasRoom = sample.sentBps * roomFactor < this.#trainBps(sample);
    const isOverused =
      this.#threshold.isOverused(sample, hasRoom) || this.#threshold.isCollapsing(sample);
    if (this.#drain === undefined && isOverused) this.#beginDrain(sample);
    if (this.#drain !== undefined) return this.#continueDrain(this.#drain, sample, seconds);
    if (sample.queueUs > this.#threshold.calmUs && !hasRoom) return 0;
    const tried = this.#losses.update(sample, this.#targetBps);
    if (tried !== undefined) {
      this.#capacityBps = this.#deliveredAsSent(sample);
      this.#capacityUs = sample.nowUs;
      this.#setTarget(tried);
    } else if (!this.#losses.isTrying) this.#rise(sample, seconds);
    return 0;
  }

  #beginDrain(sample: LinkSample): void {
    const { nowUs, queueUs } = sample;
    this.#capacityBps = this.#deliveredAsSent(sample);
    this.#drain = {
      sinceUs: nowUs,
      beforeBps: this.#targetBps,
      checkUs: nowUs + checkUs + sample.roundTripUs,
      checkQueueUs: queueUs,
      backoff: 1,
      idleUs: 0,
    };
  }

  #continueDrain(drain: Drain, sample: LinkSample, seconds: number): number {
    this.#capacityUs = sample.nowUs;
    this.#measureCapacity(drain, sample);
    this.#checkDrain(drain, sample);
    const idle = Math.max(0, 1 - this.#deliveredAsSent(sample) / this.#capacityBps);
    drain.idleUs += seconds * 1e6 * idle;
    const isCollapsing = this.#threshold.isCollapsing(sample);
    const queueUs = isCollapsing ? sample.newestQueueUs : sample.queueUs;
    const cut = clamp((queueUs - 5_000) / drainTimeUs, minCut, maxCut);
    const aim = this.#capacityBps * Math.max(1 - maxCut, (1 - cut) * drain.backoff);
    this.#setTarget(Math.min(drain.beforeBps, aim));
    if (queueUs < this.#threshold.drainedUs) this.#endDrain(drain, sample);
    else if (drain.idleUs > idleUs + idleShare * sample.queueUs) {
      this.#drain = undefined;
      this.#capacityUs = Number.NEGATIVE_INFINITY;
      this.#threshold.handleFalseAlarm();
      this.#setTarget(drain.beforeBps);
      return sample.standingUs;
    }
    return 0;
  }

  /** At first arrivals still tell of the time before the link was full; later a smaller rate is our own doing. */
  #measureCapacity(drain: Drain, sample: LinkSample): void {
    if (sample.newestQueueUs < fullQueueUs) return;
    const delivered = this.#deliveredAsSent(sample);
    const isEarly = sample.nowUs - drain.sinceUs < 2 * checkUs + sample.roundTripUs;
    if (isEarly || delivered > this.#capacityBps) this.#capacityBps = delivered;
  }

  #checkDrain(drain: Drain, sample: LinkSample): void {
    if (sample.nowUs < drain.checkUs) return;
    const growthUs = sample.queueUs - drain.checkQueueUs;
    if (Math.abs(growthUs) < 3_000 + 0.1 * drain.checkQueueUs) drain.backoff *= failureShare;
    if (growthUs > 10_000) {
      this.#capacityBps = this.#deliveredAsSent(sample);
      drain.idleUs = 0;
    }
    drain.checkQueueUs = sample.queueUs;
    drain.checkUs = sample.nowUs + checkUs + sample.roundTripUs;
  }

  #endDrain(drain: Drain, sample: LinkSample): void {
    this.#drain = undefined;
    // Gone before the cut could show: what stood there was no queue of ours.
    if (sample.nowUs - drain.sinceUs < sample.roundTripUs + ownAccordUs) {
      this.#threshold.handleFalseAlarm();
      this.#setTarget(drain.beforeBps);
      return;
    }
    this.#wasFull = true;
    this.#setTarget(Math.min(drain.beforeBps, afterDrainShare * this.#capacityBps));
    if (sample.trainBps === undefined) return;
    const carriedBps = this.#capacityBps * (1 - this.#losses.inherentShare);
    const shown = Math.min(1, carriedBps / sample.trainBps);
    this.#trainTrust = Math.max(shown, this.#trainTrust * leastTrust);
  }

  #rise(sample: LinkSample, seconds: number): void {
    const trainBps = this.#trainBps(sample);
    const isFast = trainBps > trainMargin * this.#targetBps;
    const isLimited = sample.sentBps < limitedShare * this.#targetBps;
    if (isLimited && !(isFast && this.#targetBps < 2 * sample.sentBps)) return;
    if (isFast) {
      const limit = Math.max(this.#targetBps, trainShare * trainBps);
      const growth = this.#wasFull ? fastGrowth : startGrowth;
      this.#setTarget(Math.min(limit, this.#targetBps * growth ** seconds));
    } else this.#setTarget(this.#targetBps * this.#slowGrowth(sample.nowUs) ** seconds);
  }

  #slowGrowth(nowUs: number): number {
    if (nowUs - this.#capacityUs > capacityAgeUs) return freeGrowth;
    return this.#targetBps > 0.85 * this.#capacityBps ? carefulGrowth : gentleGrowth;
  }

  /** What bursts show the link to carry, as far as they are trusted, as sent; 0 when they show nothing. */
  #trainBps({ trainBps = 0 }: LinkSample): number {
    return (trainBps * this.#trainTrust) / (1 - this.#losses.inherentShare);
  }

  /** Behind a queue the newest packets tell most of it; else more of them are needed. */
  #deliveredAsSent({ newestQueueUs, newestBps, deliveredBps }: LinkSample): number {
    const bps = newestQueueUs < fullQueueUs ? deliveredBps : Math.min(newestBps, deliveredBps);
    return bps / (1 - this.#losses.inherentShare);
  }

  #setTarget(bps: number): void {
    this.#targetBps = clamp(bps, this.#limits.minBps, this.#limits.maxBps);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
