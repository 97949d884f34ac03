import {
  CongestionController,
  InherentLoss,
  RedundancyPolicy,
  type TransportFeedback,
} from '@longreach/rtp';
import type { SendLeg, SentBytes } from './send-leg.ts';

/** Bounds of the estimate; the greatest follows what could be sent. */
const minBps = 150_000;
const startBps = 4_000_000;
const leastMaxBps = 8_000_000;
/** Room above what the receiver's streams need, for what the machine may begin to send. */
const headroom = 4;
/** Between two looks at what was sent and how much of it was repair, µs. */
const measureIntervalUs = 250_000;
/** Weight of a new look. */
const measureWeight = 0.4;
/** Packets that wait leave at this many times the rate. */
const paceFactor = 2.5;
/** What repeats may take of the rate; little while packets wait on the way: repeats would make the queue longer. */
const repeatShare = 1;
const queuedRepeatShare = 0.15;
/** Media that repair never crowds out, bit/s. */
const leastMediaBps = 250_000;
/** Parity packets for each packet, whatever the rate. */
const minParityShare = 0.15;
const maxParityShare = 3;

/** A round trip with which redundancy counts on no repeat, µs. */
const deafRoundTripUs = 1_000_000;

/** With so much lost a request and its answer get lost as often as not: as if they took so long, µs. */
const heavyLossShare = 0.4;
const heavyRoundTripUs = 94_000;

/** What is known of one receiver's link. */
export type LinkEstimate = {
  targetBps: number;
  /** Raw loss of the network, 0 to 1. */
  lossShare: number;
  roundTripUs: number;
  queueDelayUs: number;
  /** Bytes of repair for each byte of media. */
  repairShare: number;
};

/** One receiver's link: estimates it from transport-wide feedback, and decides how much repair is sent on it. */
export class Downlink {
  /** The receiver's requests do not get through now: parity alone must do. */
  isDeaf = false;
  readonly #leg: SendLeg;
  readonly #controller: CongestionController;
  readonly #redundancy = new RedundancyPolicy();
  readonly #inherentLoss = new InherentLoss();
  #isTold = false;
  #measuredUs: number | undefined;
  #measured: SentBytes;
  #mediaBps = 0;
  #audioBps = 0;
  #repairShare = 0;

  /** `sibling`: what is known of the same link by another connection. */
  constructor(leg: SendLeg, sibling: Downlink | undefined) {
    this.#leg = leg;
    const known = sibling?.estimate;
    const maxBps = Math.max(leastMaxBps, known?.targetBps ?? 0);
    const start = { startBps: known?.targetBps ?? startBps };
    this.#controller = new CongestionController({ minBps, maxBps, ...start });
    if (known) this.#redundancy.handleLoss({ lossShare: known.lossShare, burstPackets: 1 }, 0);
    this.#measured = { ...leg.sent };
    leg.onSent((transportSequence, bytes, nowUs) =>
      this.#controller.handleSent(transportSequence, bytes, nowUs),
    );
    leg.protectBy(this.#redundancy);
  }

  /** Undefined before the first feedback. */
  get estimate(): LinkEstimate | undefined {
    if (!this.#isTold) return undefined;
    const { targetBps, lossShare, roundTripUs, queueDelayUs } = this.#controller;
    return { targetBps, lossShare, roundTripUs, queueDelayUs, repairShare: this.#repairShare };
  }

  /** What the link takes of video, RTP headers included, after repair and sound, bit/s; undefined before the first feedback. */
  get mediaLimitBps(): number | undefined {
    if (!this.#isTold) return undefined;
    return Math.max(0, this.#controller.targetBps - this.#audioBps) / (1 + this.#repairShare);
  }

  /** The receiver told what arrived. */
  handleFeedback(feedback: TransportFeedback, nowUs: number): void {
    const controller = this.#controller;
    controller.handleFeedback(feedback, nowUs);
    this.#isTold = true;
    const loss = this.#inherentLoss.update(controller, controller.queueDelayUs, nowUs);
    this.#redundancy.handleLoss(loss, nowUs);
    const { hasQueue } = this.#inherentLoss;
    this.#leg.hasQueue = hasQueue;
    this.#leg.limitRepeats((hasQueue ? queuedRepeatShare : repeatShare) * controller.targetBps);
    this.#leg.setRoundTripUs(controller.roundTripUs);
    this.#redundancy.setRoundTripUs(this.#requestUs());
    this.#pace();
  }

  /**
   * Every few milliseconds. `neededBps`: what the receiver's streams send when nothing holds them back. Gives the bytes
   * that should be sent now to see whether the link carries more.
   */
  tick(neededBps: number, nowUs: number): number {
    this.#controller.tick(nowUs);
    this.#measure(neededBps, nowUs);
    return this.#isTold ? this.#controller.takeProbeBytes(nowUs) : 0;
  }

  /** How long the receiver's requests may take. */
  #requestUs(): number {
    const { lossShare, roundTripUs } = this.#controller;
    if (this.isDeaf) return deafRoundTripUs;
    return lossShare > heavyLossShare ? Math.max(heavyRoundTripUs, roundTripUs) : roundTripUs;
  }

  #measure(neededBps: number, nowUs: number): void {
    this.#measuredUs ??= nowUs;
    const elapsedUs = nowUs - this.#measuredUs;
    if (elapsedUs < measureIntervalUs) return;
    const { sent } = this.#leg;
    const media = sent.media - this.#measured.media;
    const repair = sent.parity - this.#measured.parity + sent.repeat - this.#measured.repeat;
    const audio = sent.audio - this.#measured.audio;
    this.#measuredUs = nowUs;
    this.#measured = { ...sent };
    this.#audioBps += ((audio * 8e6) / elapsedUs - this.#audioBps) * measureWeight;
    this.#mediaBps += ((media * 8e6) / elapsedUs - this.#mediaBps) * measureWeight;
    if (media > 0) {
      const share = Math.min(maxParityShare + 1, repair / media);
      this.#repairShare += (share - this.#repairShare) * measureWeight;
    }
    const video = Math.max(neededBps, this.#mediaBps) * (1 + this.#repairShare);
    const needed = video + this.#audioBps;
    this.#controller.setMaxBps(Math.max(leastMaxBps, headroom * needed));
    this.#boundParity();
  }

  /**
   * A key frame leaves faster than the link's rate, but not so that it fills the link's queue. What is more than the
   * link takes is not held back for ever: that the guest's encoding is too large is decided elsewhere.
   */
  #pace(): void {
    const sentBps = this.#mediaBps * (1 + this.#repairShare) + this.#audioBps;
    this.#leg.paceBps = paceFactor * Math.max(this.#controller.targetBps, sentBps);
  }

  /** Media comes first: parity gets what the link carries above it. */
  #boundParity(): void {
    const media = Math.max(leastMediaBps, Math.min(this.#mediaBps, leastMediaBps * 2));
    const share = this.#controller.targetBps / media - 1;
    this.#redundancy.setMaxShare(Math.min(maxParityShare, Math.max(minParityShare, share)));
  }
}
