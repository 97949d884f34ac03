import { notReceived, type TransportFeedback } from '../rtcp-packet.ts';
import { arrivalUnitUs, referenceUnits } from '../rtcp-transport-wide.ts';
import { sequenceDistance } from '../sequence-number.ts';

/** What happens to sent packets. */
export type SentPacketsSink = {
  /** A packet is known to have arrived, at a time of the receiver's clock. Once for each, as soon as it is told. */
  handleAcked(sentUs: number, arrivalUs: number, bytes: number): void;
  /** The next packet in the order sent has arrived. */
  handleReceived(sentUs: number, arrivalUs: number, bytes: number): void;
  /** The next packet in the order sent is lost. */
  handleLost(sentUs: number): void;
};

const [free, inFlight, missed, arrived] = [0, 1, 2, 3] as const;
/** Feedback packets less apart than this are one round. */
const roundUs = 2_000;
/** A packet that no feedback told of, though it told of later ones, has an unknown fate after this time. */
const unknownAfterUs = 400_000;
/** The receiver's 24-bit reference time in µs. */
const referenceCircle = 2 ** 24;

/** The packets sent of late, by transport-wide sequence, and what feedback says of them (SPEC C1, C2). */
export class SentPackets {
  readonly #sink: SentPacketsSink;
  readonly #mask: number;
  readonly #sentUs: Float64Array;
  readonly #arrivalUs: Float64Array;
  readonly #bytes: Uint32Array;
  readonly #states: Uint8Array;
  /** Round of feedback that first told of a packet as missing. */
  readonly #missedRounds: Uint32Array;
  /** Extended sequences; `#settled` is the next whose fate is open. */
  #newest: number | undefined;
  #newestAcked = Number.NEGATIVE_INFINITY;
  #settled = 0;
  #round = 0;
  #roundUs = Number.NEGATIVE_INFINITY;
  #reference: number | undefined;
  #longestGapUs = 0;

  constructor(sink: SentPacketsSink, packets = 4_096) {
    this.#sink = sink;
    this.#mask = packets - 1;
    this.#sentUs = new Float64Array(packets);
    this.#arrivalUs = new Float64Array(packets);
    this.#bytes = new Uint32Array(packets);
    this.#states = new Uint8Array(packets);
    this.#missedRounds = new Uint32Array(packets);
  }

  /** When the newest packet that feedback acknowledged was sent; undefined before the first. */
  get newestAckedSentUs(): number | undefined {
    if (this.#newestAcked === Number.NEGATIVE_INFINITY) return undefined;
    return this.#sentUs[this.#newestAcked & this.#mask];
  }

  /** Longest time of sending, in the feedback taken last, of which nothing had arrived; 0 when all of it is known. */
  get longestGapUs(): number {
    return this.#longestGapUs;
  }

  /** A packet leaves under this transport-wide sequence (16 bits). Allocates nothing. */
  handleSent(transportSequence: number, bytes: number, nowUs: number): void {
    const extended = this.#place(transportSequence);
    if (extended === undefined) return;
    const index = extended & this.#mask;
    this.#sentUs[index] = nowUs;
    this.#bytes[index] = bytes;
    this.#states[index] = inFlight;
  }

  /** Takes feedback; gives how many packets it newly acknowledged. */
  handleFeedback(feedback: TransportFeedback, nowUs: number): number {
    if (this.#newest === undefined) return 0;
    if (nowUs - this.#roundUs >= roundUs) {
      this.#round += 1;
      this.#roundUs = nowUs;
    }
    const referenceUs = this.#unwrapReference(feedback.referenceTime);
    const base = this.#newest + sequenceDistance(this.#newest, feedback.baseSequence);
    let acked = 0;
    let gapFromUs: number | undefined;
    this.#longestGapUs = 0;
    for (let index = 0; index < feedback.arrivals.length; index++) {
      const extended = base + index;
      if (extended > this.#newest) break;
      if (extended <= this.#newest - this.#mask) continue;
      const sentUs = this.#sentUs[extended & this.#mask] as number;
      gapFromUs ??= sentUs;
      const arrival = feedback.arrivals[index] as number;
      if (arrival === notReceived) {
        this.#handleMissed(extended);
        continue;
      }
      this.#longestGapUs = Math.max(this.#longestGapUs, sentUs - gapFromUs);
      gapFromUs = sentUs;
      if (this.#handleArrived(extended, referenceUs + arrival * arrivalUnitUs)) acked += 1;
    }
    this.#settle(nowUs);
    return acked;
  }

  #handleMissed(extended: number): void {
    const index = extended & this.#mask;
    if (this.#states[index] !== inFlight) return;
    this.#states[index] = missed;
    this.#missedRounds[index] = this.#round;
  }

  #handleArrived(extended: number, arrivalUs: number): boolean {
    const index = extended & this.#mask;
    const state = this.#states[index];
    if (state !== inFlight && state !== missed) return false;
    this.#states[index] = arrived;
    this.#arrivalUs[index] = arrivalUs;
    this.#newestAcked = Math.max(this.#newestAcked, extended);
    this.#sink.handleAcked(this.#sentUs[index] as number, arrivalUs, this.#bytes[index] as number);
    return true;
  }

  /** Tells of fates in the order sent: a packet is lost when a later round does not tell of its arrival either. */
  #settle(nowUs: number): void {
    for (; this.#settled < this.#newestAcked + 1; this.#settled++) {
      const index = this.#settled & this.#mask;
      const sentUs = this.#sentUs[index] as number;
      switch (this.#states[index]) {
        case inFlight:
          if (nowUs - sentUs < unknownAfterUs) return;
          break;
        case missed:
          if (this.#missedRounds[index] === this.#round) return;
          this.#sink.handleLost(sentUs);
          break;
        case arrived:
          this.#sink.handleReceived(
            sentUs,
            this.#arrivalUs[index] as number,
            this.#bytes[index] as number,
          );
          break;
      }
    }
  }

  #place(sequence: number): number | undefined {
    if (this.#newest === undefined) {
      this.#newest = sequence;
      this.#settled = sequence;
      return sequence;
    }
    const step = sequenceDistance(this.#newest, sequence);
    if (step <= 0) return undefined; // numbers only grow: a repeated one is a caller's mistake
    const extended = this.#newest + step;
    for (let back = Math.min(step, this.#mask + 1) - 1; back >= 0; back--) {
      this.#states[(extended - back) & this.#mask] = free;
    }
    this.#newest = extended;
    this.#settled = Math.max(this.#settled, extended - this.#mask);
    return extended;
  }

  /** The reference time as an ever-growing time in µs. */
  #unwrapReference(reference: number): number {
    const near = this.#reference ?? reference;
    const step = (((reference - near) << 8) >> 8) % referenceCircle;
    this.#reference = near + step;
    return this.#reference * referenceUnits * arrivalUnitUs;
  }
}
