import { notReceived, type TransportFeedback } from '../rtcp-packet.ts';
import { arrivalUnitUs, referenceUnits, TransportFeedbackEncoder } from '../rtcp-transport-wide.ts';
import { sequenceDistance, unwrapSequence } from '../sequence-number.ts';

/** Pace and bounds of the feedback of one receiver. */
export type ArrivalLogOptions = {
  /** Time between two feedbacks. Default 25,000 µs. */
  intervalUs?: number;
  /** Packets looked back upon; a power of two. Default 4,096. */
  packets?: number;
  /** Statuses of earlier intervals told again at most, since feedback is lost as well. Default 96. */
  repeated?: number;
};

/** Earlier intervals told again: at 50 % loss of feedback, one packet in sixteen stays unknown to the sender. */
const repeatedIntervals = 3;
/** After a pause the sender waits for a sign: it gets the first feedback this soon. */
const firstWaitUs = 5_000;
const empty = -1;

/** When the packets of one peer connection arrived, and the feedback that tells their sender (SPEC A1–A6). */
export class ArrivalLog {
  readonly #intervalUs: number;
  readonly #repeated: number;
  readonly #mask: number;
  /** Arrival in units of 250 µs, by sequence; `empty` where none came. */
  readonly #arrivals: Float64Array;
  readonly #encoder = new TransportFeedbackEncoder();
  readonly #feedback: Omit<TransportFeedback, 'type'>;
  /** Extended sequences at which the last intervals began, oldest first. */
  readonly #starts = new Float64Array(repeatedIntervals);
  /** Newest extended sequence; undefined before the first packet. */
  #newest: number | undefined;
  /** First sequence not told of yet. */
  #untold = 0;
  /** Next sequence of the round that is being given; undefined between rounds. */
  #cursor: number | undefined;
  #farOff = -1;
  #dueUs = Number.NEGATIVE_INFINITY;
  /** Rounds still to be given. */
  #rounds = 0;

  constructor(options: ArrivalLogOptions = {}) {
    const packets = options.packets ?? 4_096;
    if (packets < 16 || packets > 16_384 || (packets & (packets - 1)) !== 0) {
      throw new RangeError('an arrival log has a power of two of places, 16 to 16,384');
    }
    this.#intervalUs = options.intervalUs ?? 25_000;
    this.#repeated = Math.max(1, Math.min(options.repeated ?? 96, packets));
    this.#mask = packets - 1;
    this.#arrivals = new Float64Array(packets).fill(empty);
    const start = { senderSsrc: 0, mediaSsrc: 0, feedbackCount: 0, baseSequence: 0 };
    this.#feedback = { ...start, referenceTime: 0, arrivals: new Int32Array(packets) };
  }

  /** When `takeFeedback` should be called next, µs; undefined while there is nothing to tell. */
  get nextDeadlineUs(): number | undefined {
    return this.#rounds === 0 ? undefined : this.#dueUs;
  }

  /** A packet with this transport-wide sequence (16 bits) arrived. Allocates nothing. */
  handlePacket(transportSequence: number, nowUs: number): void {
    const extended = this.#place(transportSequence);
    if (extended === undefined) return;
    const index = extended & this.#mask;
    if (this.#arrivals[index] !== empty) return; // a duplicate: the first arrival counts
    this.#arrivals[index] = Math.floor(nowUs / arrivalUnitUs);
    if (extended < this.#untold) this.#untold = extended;
    if (this.#rounds === 0) {
      const wait = Math.min(firstWaitUs, this.#intervalUs);
      this.#dueUs = Math.max(this.#dueUs, nowUs + wait);
    }
    this.#rounds = 2;
  }

  /**
   * The next feedback packet, when one is due: in each interval in which packets came, and once more after the
   * last. Call it until it gives undefined: many arrivals need several packets.
   */
  takeFeedback(
    nowUs: number,
    senderSsrc: number,
    mediaSsrc: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    if (this.#cursor === undefined) {
      if (this.#rounds === 0 || nowUs < this.#dueUs) return undefined;
      this.#cursor = this.#beginRound(newest, nowUs);
    }
    const feedback = this.#feedback;
    feedback.senderSsrc = senderSsrc;
    feedback.mediaSsrc = mediaSsrc;
    feedback.baseSequence = this.#cursor & 0xffff;
    this.#fillArrivals(this.#cursor, newest);
    const packet = this.#encoder.encode(feedback, newest - this.#cursor + 1);
    feedback.feedbackCount = (feedback.feedbackCount + 1) & 0xff;
    this.#cursor += this.#encoder.statuses;
    this.#untold = Math.max(this.#untold, this.#cursor);
    if (this.#cursor > newest) this.#cursor = undefined;
    return packet;
  }

  /** Gives the sequence that the round begins with: earlier intervals are told again while they are short. */
  #beginRound(newest: number, nowUs: number): number {
    this.#rounds -= 1;
    // On the grid of intervals, so that a late caller does not slow the pace.
    const isLate = nowUs - this.#dueUs >= this.#intervalUs;
    this.#dueUs = (isLate ? nowUs : this.#dueUs) + this.#intervalUs;
    const again = Math.max(this.#starts[0] as number, newest + 1 - this.#repeated);
    const from = Math.max(Math.min(this.#untold, again), newest - this.#mask);
    this.#starts.copyWithin(0, 1);
    this.#starts[repeatedIntervals - 1] = Math.min(this.#untold, newest);
    return from;
  }

  #fillArrivals(from: number, newest: number): void {
    const { arrivals } = this.#feedback;
    let reference: number | undefined;
    for (let extended = from; extended <= newest; extended++) {
      const arrival = this.#arrivals[extended & this.#mask] as number;
      if (arrival === empty) {
        arrivals[extended - from] = notReceived;
        continue;
      }
      reference ??= Math.floor(arrival / referenceUnits);
      arrivals[extended - from] = arrival - reference * referenceUnits;
    }
    this.#feedback.referenceTime = (((reference ?? 0) & 0xffffff) << 8) >> 8;
  }

  /** Makes room for a packet and gives its extended sequence; undefined when it is older than the window. */
  #place(sequence: number): number | undefined {
    if (this.#newest === undefined) return this.#restart(sequence);
    const extended = unwrapSequence(this.#newest, sequence);
    const step = extended - this.#newest;
    if (step > this.#mask) return this.#restart(sequence);
    if (step > 0) {
      for (let skipped = this.#newest + 1; skipped <= extended; skipped++) {
        this.#arrivals[skipped & this.#mask] = empty;
      }
      this.#newest = extended;
      return extended;
    }
    if (-step <= this.#mask) return extended;
    // Two in a row far behind: the sender began anew (as RFC 3550 A.1 decides it).
    if (sequenceDistance(this.#farOff, sequence) === 1) return this.#restart(sequence);
    this.#farOff = sequence;
    return undefined;
  }

  #restart(sequence: number): number {
    this.#arrivals.fill(empty);
    this.#starts.fill(sequence);
    this.#untold = sequence;
    this.#newest = sequence;
    this.#cursor = undefined;
    this.#farOff = -1;
    return sequence;
  }
}
