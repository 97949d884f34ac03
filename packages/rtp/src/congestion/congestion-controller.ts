import type { TransportFeedback } from '../rtcp-packet.ts';
import { DelayWindow } from './delay-window.ts';
import { DeliveredRate } from './delivered-rate.ts';
import { LossWindow, outageUs } from './loss-window.ts';
import { RateControl, type RateLimits } from './rate-control.ts';
import { RateWindow } from './rate-window.ts';
import { SentPackets, type SentPacketsSink } from './sent-packets.ts';
import { StarvationWatch } from './starvation-watch.ts';
import { TrainRate } from './train-rate.ts';

/** Round trip assumed until one is known. */
const initialRoundTripUs = 50_000;
/** Time over which the delivered rate is measured. */
const deliveredWindowUs = 200_000;
const sentWindowUs = 500_000;
/** The newest packets, for what happened just now. */
const newestSpanUs = 20_000;
const newestWindowUs = 60_000;
/** Packets over which queue delay is the least, and over which it must stand. */
const queueSpanUs = 100_000;
const standingSpanUs = 170_000;
/** About one frame: what differs from one to the next is jitter. */
const frameSpanUs = 40_000;
/** Probing: at most this often, this much, and only while the queue is below this. */
const probeIntervalUs = 2_000_000;
const probeSpanUs = 20_000;
const maxProbeBytes = 12_000;
const minProbeBytes = 2_400;
const maxProbeQueueUs = 15_000;

/**
 * Congestion control of the sending side of one leg (SPEC C1–C17). It is told of each packet sent and of each
 * feedback; it tells how much to send. Rates are of bytes as handed to `handleSent`.
 */
export class CongestionController implements SentPacketsSink {
  readonly #packets = new SentPackets(this);
  readonly #loss = new LossWindow();
  readonly #delay = new DelayWindow();
  readonly #trains = new TrainRate();
  readonly #sent = new RateWindow();
  readonly #delivered = new DeliveredRate();
  readonly #starvation = new StarvationWatch();
  readonly #control: RateControl;
  #maxBps: number;
  #roundTripUs: number | undefined;
  #probedUs: number | undefined;

  constructor(limits: RateLimits) {
    this.#control = new RateControl(limits);
    this.#maxBps = limits.maxBps;
  }

  /** Bit/s that may be sent now, repairs and headers included. */
  get targetBps(): number {
    return this.#control.targetBps;
  }

  /** Share of packets that the network loses, 0 to 1; outages are left out. */
  get lossShare(): number {
    return this.#loss.share;
  }

  /** Mean length of the runs of lost packets; 1 when nothing is lost. */
  get burstPackets(): number {
    return this.#loss.burstPackets;
  }

  /** Smoothed round trip, waiting of the feedback included, µs. */
  get roundTripUs(): number {
    return this.#roundTripUs ?? initialRoundTripUs;
  }

  /** Time that packets wait in a queue on the way, µs: the least of the newest 100 ms of them. */
  get queueDelayUs(): number {
    return this.#delay.leastQueueUs(queueSpanUs) ?? 0;
  }

  /** The same as it should be by now: what was measured, less what left since while little was sent, µs. */
  queueDelayAt(nowUs: number): number {
    const sinceUs = Math.max(0, nowUs - this.#delay.newestSentUs);
    const idleShare = Math.max(0, 1 - this.#sent.bps(nowUs, sinceUs) / this.targetBps);
    return Math.max(0, this.queueDelayUs - sinceUs * idleShare);
  }

  /** Packets were sent and for long no feedback came: send little until it returns. */
  get isStarved(): boolean {
    return this.#starvation.isStarved;
  }

  /** Changes the most that is ever wanted. */
  setMaxBps(bps: number): void {
    this.#maxBps = bps;
    this.#control.setMaxBps(bps);
  }

  /** A packet leaves under this transport-wide sequence (16 bits). Allocates nothing. */
  handleSent(transportSequence: number, bytes: number, nowUs: number): void {
    this.#packets.handleSent(transportSequence, bytes, nowUs);
    this.#sent.add(nowUs, bytes);
    this.#starvation.handleSent(nowUs);
  }

  /** Feedback of the receiver arrived. */
  handleFeedback(feedback: TransportFeedback, nowUs: number): void {
    this.tick(nowUs);
    const acked = this.#packets.handleFeedback(feedback, nowUs);
    // When the packets of the silence arrived, it was the feedback alone that was lost.
    if (this.isStarved && this.#packets.longestGapUs > outageUs) this.#control.handleReturn();
    this.#starvation.handleFeedback(feedback.feedbackCount, nowUs);
    if (acked === 0) return;
    this.#measureRoundTrip(nowUs);
    this.#updateRate(nowUs);
  }

  /** Notices missing feedback; to be called every 10 to 50 ms. */
  tick(nowUs: number): void {
    this.#starvation.tick(nowUs, this.roundTripUs, this.lossShare);
  }

  /**
   * Bytes of padding or parity to send now in one burst, best right after a frame, to learn what the link carries;
   * 0 when nothing is to be learnt. What it gives counts as sent.
   */
  takeProbeBytes(nowUs: number): number {
    this.#probedUs ??= nowUs;
    const sinceUs = nowUs - Math.max(this.#probedUs, this.#trains.newestUs);
    if (sinceUs < probeIntervalUs || this.targetBps >= this.#maxBps) return 0;
    if (this.isStarved || this.#control.isDraining || this.queueDelayUs > maxProbeQueueUs) return 0;
    this.#probedUs = nowUs;
    const bytes = (2 * this.targetBps * probeSpanUs) / 8e6;
    return Math.round(Math.min(maxProbeBytes, Math.max(minProbeBytes, bytes)));
  }

  /** A packet is known to have arrived. */
  handleAcked(sentUs: number, arrivalUs: number, bytes: number): void {
    this.#delay.add(sentUs, arrivalUs - sentUs);
    this.#delivered.add(sentUs, arrivalUs, bytes);
  }

  /** The next packet in the order sent has arrived. */
  handleReceived(sentUs: number, arrivalUs: number, bytes: number): void {
    this.#loss.handleReceived(sentUs);
    this.#trains.handleReceived(sentUs, arrivalUs, bytes);
  }

  /** The next packet in the order sent is lost. */
  handleLost(sentUs: number): void {
    this.#loss.handleLost(sentUs);
  }

  /** Feedback waits at the receiver: low samples are the better ones. */
  #measureRoundTrip(nowUs: number): void {
    const sentUs = this.#packets.newestAckedSentUs;
    if (sentUs === undefined) return;
    const sample = nowUs - sentUs;
    const smoothed = this.#roundTripUs ?? sample;
    this.#roundTripUs = smoothed + (sample - smoothed) * (sample < smoothed ? 0.5 : 0.06);
  }

  #updateRate(nowUs: number): void {
    const queueUs = this.#delay.leastQueueUs(queueSpanUs);
    const deliveredBps = this.#delivered.bps(deliveredWindowUs);
    if (queueUs === undefined || deliveredBps === undefined) return;
    const trainBps = this.#trains.bps(nowUs);
    const raisedUs = this.#control.update({
      nowUs,
      frameQueueUs: this.#delay.leastQueueUs(frameSpanUs),
      frameBeforeUs: this.#delay.leastQueueUs(2 * frameSpanUs, frameSpanUs),
      queueUs,
      queueBeforeUs: this.#delay.leastQueueUs(2 * queueSpanUs, queueSpanUs),
      standingUs: this.#delay.leastQueueUs(standingSpanUs) ?? queueUs,
      deliveredBps,
      newestQueueUs: this.#delay.leastQueueUs(newestSpanUs) ?? queueUs,
      newestBps: this.#delivered.bps(newestWindowUs) ?? deliveredBps,
      sentBps: this.#sent.bps(this.#delay.newestSentUs, sentWindowUs),
      trainBps,
      lossShare: this.#loss.share,
      lossPackets: this.#loss.packets,
      roundTripUs: this.roundTripUs,
    });
    if (raisedUs > 0) this.#delay.raiseBase(raisedUs);
  }
}
