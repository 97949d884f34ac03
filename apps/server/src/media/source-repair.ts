import {
  buildNack,
  buildPli,
  buildReceiverReport,
  KeyFrameRequests,
  NackGenerator,
  type NtpTime,
  ReceiveStats,
  videoClockRate,
} from '@longreach/rtp';

/** The worker's own SSRC in reports; it sends no media under it. */
const reporterSsrc = 1;
/** Between receiver reports, µs. */
const reportIntervalUs = 1_000_000;

/** Repairs the leg from one publisher: asks for lost packets and key frames, and reports what arrived. */
export class SourceRepair {
  readonly #ssrc: number;
  readonly #sendRtcp: (packet: Uint8Array) => boolean;
  readonly #nack = new NackGenerator();
  readonly #keyFrames = new KeyFrameRequests();
  readonly #stats: ReceiveStats;
  #reportDueUs = 0;

  constructor(ssrc: number, sendRtcp: (packet: Uint8Array) => boolean) {
    this.#ssrc = ssrc;
    this.#sendRtcp = sendRtcp;
    this.#stats = new ReceiveStats({ ssrc, clockRate: videoClockRate });
  }

  /** A packet arrived, at first or as a repeat. */
  handlePacket(
    sequence: number,
    timestamp: number,
    nowUs: number,
    keyFrameStart: boolean,
    repeated: boolean,
  ): void {
    this.#nack.handlePacket(sequence, nowUs);
    if (!repeated) this.#stats.handlePacket(sequence, timestamp, nowUs);
    if (keyFrameStart) {
      this.#keyFrames.handleKeyFrame();
      this.#nack.handleKeyFrameStart(sequence);
    }
    // A gap is asked for by the packet that proves it, not at the next tick.
    if (this.#nack.missing > 0) this.#askForLost(nowUs);
  }

  handleSenderReport(ntp: NtpTime, nowUs: number): void {
    this.#stats.handleSenderReport(ntp, nowUs);
  }

  /** A viewer needs a key frame; asked at once unless one was asked for just now. */
  requestKeyFrame(nowUs: number): void {
    this.#keyFrames.handleWish(nowUs);
    this.#askForKeyFrame(nowUs);
  }

  /** Paces retries by the leg's round trip, µs. */
  setRoundTripUs(roundTripUs: number): void {
    this.#nack.setRoundTripUs(roundTripUs);
  }

  tick(nowUs: number): void {
    if (this.#nack.missing > 0) this.#askForLost(nowUs);
    if (this.#nack.takeKeyFrameNeeded()) this.#keyFrames.handleWish(nowUs);
    this.#askForKeyFrame(nowUs);
    if (nowUs < this.#reportDueUs) return;
    this.#reportDueUs = nowUs + reportIntervalUs;
    const block = this.#stats.takeReport(nowUs);
    if (block) this.#sendRtcp(buildReceiverReport(reporterSsrc, [block]));
  }

  #askForLost(nowUs: number): void {
    const lost = this.#nack.takeDue(nowUs);
    if (lost.length > 0) this.#sendRtcp(buildNack(reporterSsrc, this.#ssrc, lost));
  }

  #askForKeyFrame(nowUs: number): void {
    if (this.#keyFrames.takeDue(nowUs)) this.#sendRtcp(buildPli(reporterSsrc, this.#ssrc));
  }
}
