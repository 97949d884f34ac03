import { compactDelay, compactNtp, type NtpTime } from './ntp-time.ts';
import type { ReportBlock } from './rtcp-packet.ts';
import { unwrapSequence } from './sequence-number.ts';

/** A step larger than this, either way, is a restart of the source when the next packet follows it (RFC 3550 A.1). */
const maxDropout = 3_000;

/** Reception figures of one source for receiver reports (RFC 3550 A.1, A.3, A.8). */
export class ReceiveStats {
  readonly #ssrc: number;
  readonly #clockRate: number;
  #base = 0;
  #highest = -1;
  #expectedAfterJump = -1;
  #received = 0;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #jitter = 0;
  #transit: number | undefined;
  #lastTimestamp = -1;
  #lastSr = 0;
  #lastSrUs = 0;

  constructor(options: { ssrc: number; clockRate: number }) {
    this.#ssrc = options.ssrc;
    this.#clockRate = options.clockRate;
  }

  /** Interarrival jitter, units of the RTP clock. */
  get jitter(): number {
    return Math.floor(this.#jitter);
  }

  /** Packets received, repeats included, since the source began. */
  get received(): number {
    return this.#received;
  }

  /** Packets expected less received; negative when repeats outnumber losses. */
  get cumulativeLost(): number {
    return this.#expected() - this.#received;
  }

  /** A packet arrived on the source's own SSRC. Does not allocate. */
  handlePacket(sequence: number, timestamp: number, nowUs: number): void {
    if (this.#highest < 0) this.#begin(sequence);
    const extended = unwrapSequence(this.#highest, sequence);
    if (Math.abs(extended - this.#highest) > maxDropout) {
      const follows = sequence === this.#expectedAfterJump;
      this.#expectedAfterJump = (sequence + 1) & 0xffff;
      if (!follows) return;
      this.#begin(sequence);
    } else if (extended > this.#highest) {
      this.#highest = extended;
    }
    this.#received += 1;
    this.#updateJitter(timestamp, nowUs);
  }

  /** Remembers a sender report for the round trip of its sender. */
  handleSenderReport(ntp: NtpTime, nowUs: number): void {
    this.#lastSr = compactNtp(ntp);
    this.#lastSrUs = nowUs;
  }

  /** The block for a report sent now; begins the next interval of `fractionLost`. Undefined before the first packet. */
  takeReport(nowUs: number): ReportBlock | undefined {
    if (this.#highest < 0) return undefined;
    const expected = this.#expected();
    const interval = expected - this.#expectedPrior;
    const lost = interval - (this.#received - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost:
        interval <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / interval)),
      cumulativeLost: Math.max(-0x800000, Math.min(0x7fffff, this.cumulativeLost)),
      highestSequence: this.#highest % 2 ** 32,
      jitter: this.jitter,
      lastSr: this.#lastSr,
      delaySinceLastSr: this.#lastSr === 0 ? 0 : compactDelay(nowUs - this.#lastSrUs),
    };
  }

  #begin(sequence: number): void {
    this.#base = sequence;
    this.#highest = sequence;
    this.#expectedAfterJump = -1;
    this.#received = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#transit = undefined;
  }

  #expected(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#base + 1;
  }

  /** The packets of one picture share a timestamp and are paced: only the first of them says something of the network. */
  #updateJitter(timestamp: number, nowUs: number): void {
    if (timestamp === this.#lastTimestamp) return;
    this.#lastTimestamp = timestamp;
    const transit = Math.round((nowUs * this.#clockRate) / 1_000_000) - timestamp;
    const previous = this.#transit;
    this.#transit = transit;
    if (previous === undefined) return;
    const difference = Math.abs((transit - previous) | 0); // | 0: the timestamp circle is 32 bits
    this.#jitter += (difference - this.#jitter) / 16;
  }
}
