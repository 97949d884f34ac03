import { CongestionController, type TransportFeedback } from '@longreach/rtp';
import { machineClock } from '../local/machine-clock.ts';
import { FeedbackWatch } from './feedback-watch.ts';
import { FlightWindow } from './flight-window.ts';

/** What one connection knows of its network. */
export type ConnectionNetwork = {
  /** All that may leave, bit/s; undefined = the other side gives no feedback. */
  targetBps: number | undefined;
  /** What the other side takes of media, bit/s; undefined = it does not say. */
  mediaLimitBps: number | undefined;
  /** Nothing is heard of what was sent. */
  isStarved: boolean;
  /** It is heard of later than usual: a queue may grow. */
  isLate: boolean;
  /** The next answer should have come, though it is not late yet. */
  isOverdue: boolean;
  lossShare: number;
  burstPackets: number;
  roundTripUs: number;
  queueDelayUs: number;
};

/** Bounds of the congestion control. */
export type RateBounds = { minBps: number; maxBps: number; startBps: number };

/** The first feedback comes within this time of the first packet, µs; from a server that gives none, never. */
const firstFeedbackUs = 1_500_000;
/** With more lost either way, silence says little of what is on its way. */
const mostLoss = 0.015;
/** While answers are late, a queue grows: less may be on its way. */
const lateWindowShare = 0.6;
/** A limit that is not said again is none, µs. */
const limitAgeUs = 5_000_000;

/** The congestion control of one connection; it begins with the first packet that leaves. */
export class ConnectionRate {
  readonly #bounds: () => RateBounds;
  #controller: CongestionController | undefined;
  readonly #watch = new FeedbackWatch();
  readonly #window = new FlightWindow();
  #maxBps = 0;
  #firstSentUs = 0;
  #hasFeedback = false;
  #limit: { bitrateBps: number; atUs: number } | undefined;

  constructor(bounds: () => RateBounds) {
    this.#bounds = bounds;
  }

  /** A packet left. */
  handleSent(transportSequence: number, bytes: number, nowUs: number): void {
    if (!this.#controller) {
      const bounds = this.#bounds();
      this.#controller = new CongestionController(bounds);
      this.#maxBps = bounds.maxBps;
      this.#firstSentUs = nowUs;
    }
    this.#controller.handleSent(transportSequence, bytes, nowUs);
    this.#watch.handleSent(transportSequence, bytes, nowUs);
  }

  /** The other side says what arrived; `heldBytes`: what would have left with more room. */
  handleFeedback(feedback: TransportFeedback, heldBytes: number): void {
    this.#hasFeedback = true;
    const nowUs = machineClock.nowUs();
    this.#controller?.handleFeedback(feedback, nowUs);
    const neededBytes = this.#watch.inFlightBytes + heldBytes;
    this.#watch.handleFeedback(feedback, nowUs);
    if (this.#watch.wasUsual) this.#window.handleUsual(neededBytes, nowUs);
  }

  /** How much more may be on its way unanswered, bytes; unlimited where answers get lost or nobody gives any. */
  roomBytes(nowUs: number): number {
    if (!this.#controller || !this.#hasFeedback) return Number.POSITIVE_INFINITY;
    const { targetBps, lossShare } = this.#controller;
    const isLossy = Math.max(lossShare, this.#watch.lostShare) > mostLoss;
    if (isLossy) return Number.POSITIVE_INFINITY;
    const share = this.#watch.isLate ? lateWindowShare : 1;
    return share * this.#window.limitBytes(targetBps, nowUs) - this.#watch.inFlightBytes;
  }

  /** The other side says how much media it takes. */
  handleLimit(bitrateBps: number): void {
    this.#limit = { bitrateBps, atUs: machineClock.nowUs() };
  }

  /** Moves time on. */
  tick(nowUs: number): void {
    const controller = this.#controller;
    if (!controller) return;
    const { maxBps } = this.#bounds();
    if (maxBps !== this.#maxBps) {
      this.#maxBps = maxBps;
      controller.setMaxBps(maxBps);
    }
    controller.tick(nowUs);
    this.#watch.tick(nowUs, controller.queueDelayUs);
  }

  /** Bytes that should be sent now to see what the link carries; what it gives counts as sent. */
  takeProbeBytes(nowUs: number): number {
    return this.#hasFeedback ? (this.#controller?.takeProbeBytes(nowUs) ?? 0) : 0;
  }

  /** What is known at `nowUs`; undefined before anything was sent. */
  network(nowUs: number): ConnectionNetwork | undefined {
    const controller = this.#controller;
    if (!controller) return undefined;
    const isMute = !this.#hasFeedback && nowUs - this.#firstSentUs > firstFeedbackUs;
    const isLimitFresh = this.#limit !== undefined && nowUs - this.#limit.atUs < limitAgeUs;
    return {
      targetBps: isMute ? undefined : controller.targetBps,
      mediaLimitBps: isLimitFresh ? this.#limit?.bitrateBps : undefined,
      isStarved: this.#hasFeedback && controller.isStarved,
      isLate: this.#hasFeedback && this.#watch.isLate,
      isOverdue: this.#hasFeedback && this.#watch.isOverdue(nowUs),
      lossShare: controller.lossShare,
      burstPackets: controller.burstPackets,
      roundTripUs: controller.roundTripUs,
      // With nothing on the way the last measure is of a queue that is gone.
      queueDelayUs: this.#watch.isAnswered ? 0 : controller.queueDelayAt(nowUs),
    };
  }
}
