import {
  buildNack,
  buildPli,
  buildReceiverReport,
  canonicalHeaderBytes,
  KeyFrameRequests,
  type NtpTime,
  ReceiveStats,
  type RecoveredPacket,
  RepairReceiver,
  type RepairStats,
  readMarker,
  videoClockRate,
} from '@longreach/rtp';

/** The worker's own SSRC in RTCP to a machine; it sends no media under it. */
export const reporterSsrc = 1;
/** Between receiver reports, µs. */
const reportIntervalUs = 1_000_000;
/** Least time between two requests, µs: what falls due meanwhile is asked for in one. */
const requestIntervalUs = 2_000;

/** Repairs the leg from one publisher: recovers what parity allows, asks for the rest and for key frames, and reports. */
export class SourceRepair {
  readonly #ssrc: number;
  readonly #sendRtcp: (packet: Uint8Array) => boolean;
  readonly #receiver = new RepairReceiver({ headroom: canonicalHeaderBytes });
  readonly #keyFrames = new KeyFrameRequests();
  readonly #stats: ReceiveStats;
  #reportDueUs = 0;
  #askedUs = Number.NEGATIVE_INFINITY;

  constructor(ssrc: number, sendRtcp: (packet: Uint8Array) => boolean) {
    this.#ssrc = ssrc;
    this.#sendRtcp = sendRtcp;
    this.#stats = new ReceiveStats({ ssrc, clockRate: videoClockRate });
  }

  get stats(): Readonly<RepairStats> {
    return this.#receiver.stats;
  }

  /** Whether the packet of the last `handleMedia` was there before: it is not to be sent on again. */
  get wasDuplicate(): boolean {
    return this.#receiver.wasDuplicate;
  }

  /** When `ask` should be called next, µs; undefined while nothing is missing. */
  get nextDeadlineUs(): number | undefined {
    const deadlineUs = this.#receiver.nextDeadlineUs;
    return deadlineUs === undefined
      ? undefined
      : Math.max(deadlineUs, this.#askedUs + requestIntervalUs);
  }

  /** A canonical packet arrived, at first or as a repeat; gives what it made recoverable. Keeps a view of its payload. */
  handleMedia(
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    isRepeated: boolean,
    nowUs: number,
  ): readonly RecoveredPacket[] {
    if (!isRepeated) this.#stats.handlePacket(sequence, timestamp, nowUs);
    const payload = packet.subarray(canonicalHeaderBytes);
    return this.#receiver.handleMedia(sequence, timestamp, readMarker(packet), payload, nowUs);
  }

  /** A canonical packet of parity arrived; gives what it made recoverable. */
  handleParity(packet: Uint8Array, timestamp: number, nowUs: number): readonly RecoveredPacket[] {
    return this.#receiver.handleFec(packet.subarray(canonicalHeaderBytes), timestamp, nowUs);
  }

  /** A key frame begins at this packet. */
  handleKeyFrameStart(sequence: number): void {
    this.#keyFrames.handleKeyFrame();
    this.#receiver.handleKeyFrameStart(sequence);
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
    this.#receiver.setRoundTripUs(roundTripUs);
  }

  /** Asks for what is due: to be called after each packet and at `nextDeadlineUs`. */
  ask(nowUs: number): void {
    const dueUs = this.nextDeadlineUs;
    if (dueUs !== undefined && nowUs >= dueUs) {
      const lost = this.#receiver.takeDue(nowUs);
      if (lost.length > 0) {
        this.#askedUs = nowUs;
        this.#sendRtcp(buildNack(reporterSsrc, this.#ssrc, lost));
      }
    }
    if (this.#receiver.takeKeyFrameNeeded()) this.requestKeyFrame(nowUs);
  }

  tick(nowUs: number): void {
    this.ask(nowUs);
    this.#askForKeyFrame(nowUs);
    if (nowUs < this.#reportDueUs) return;
    this.#reportDueUs = nowUs + reportIntervalUs;
    const block = this.#stats.takeReport(nowUs);
    if (block) this.#sendRtcp(buildReceiverReport(reporterSsrc, [block]));
  }

  #askForKeyFrame(nowUs: number): void {
    if (this.#keyFrames.takeDue(nowUs)) this.#sendRtcp(buildPli(reporterSsrc, this.#ssrc));
  }
}
