import { notReceived, sequenceDistance, type TransportFeedback } from '@longreach/rtp';

/** Packets whose time of sending is kept; a power of two. */
const places = 4096;
/** Share of a new sample in the means. */
const meanShare = 1 / 16;
/** The same of one that is not usual: a queue shall not become so soon, a longer way shall in the end. */
const unusualShare = 1 / 40;
/** Late is what is later than usual by so many deviations and this time, and never sooner than that, µs. */
const deviations = 2;
const marginUs = 22_000;
/** An alarm after which no such queue was measured was a false one: the margin grows, and shrinks again in that time, µs. */
const realQueueUs = 50_000;
const falseAlarm = { factor: 1.6, addUs: 20_000, mostUs: 400_000 };
const marginFadeUs = 30_000_000;
const leastUs = 50_000;
const mostUs = 600_000;
/** It is late no more below this or the usual age, and after so long in any case, µs. */
const leastBackUs = 60_000;
const longestUs = 350_000;
/** Feedback is lost as well: so rarely may so many in a row be lost by chance. */
const falseAlarmShare = 1e-3;
/** Time between two feedbacks, µs. */
const intervalUs = 12_000;
const maxLostShare = 0.7;

/**
 * Sees sooner than any measure of delay that a queue grows: what was sent is answered later than usual. Pure: time is
 * given, µs.
 */
export class FeedbackWatch {
  readonly #sentUs = new Float64Array(places);
  /** Bytes sent so far when a packet left, itself included. */
  readonly #sentBytes = new Float64Array(places);
  #totalBytes = 0;
  /** Transport-wide sequences: the newest sent, and the newest known to have arrived. */
  #newest: number | undefined;
  #answered: number | undefined;
  #meanUs = 50_000;
  #deviationUs = 10_000;
  #wasUsual = true;
  #lateSinceUs: number | undefined;
  /** Longest wait measured during this alarm. */
  #alarmQueueUs = 0;
  #marginUs = marginUs;
  #tickedUs: number | undefined;
  #count: number | undefined;
  /** Share of the feedback that does not arrive. */
  #lostShare = 0;

  /** A packet left. */
  handleSent(transportSequence: number, bytes: number, nowUs: number): void {
    this.#sentUs[transportSequence % places] = nowUs;
    this.#totalBytes += bytes;
    this.#sentBytes[transportSequence % places] = this.#totalBytes;
    this.#newest = transportSequence;
    this.#answered ??= (transportSequence - 1) & 0xffff;
  }

  /** The other side says what arrived. */
  handleFeedback(feedback: TransportFeedback, nowUs: number): void {
    const { baseSequence, arrivals } = feedback;
    this.#countFeedback(feedback.feedbackCount);
    let last = arrivals.length - 1;
    while (last >= 0 && arrivals[last] === notReceived) last -= 1;
    const sequence = (baseSequence + last) & 0xffff;
    if (last < 0 || this.#answered === undefined) return;
    if (sequenceDistance(this.#answered, sequence) <= 0) return;
    const ageUs = Math.min(this.#ageUs(nowUs), mostUs);
    this.#answered = sequence;
    this.#wasUsual = this.#isUsual(ageUs);
    const share = this.#wasUsual && !this.isLate ? meanShare : unusualShare;
    this.#deviationUs += (Math.abs(ageUs - this.#meanUs) - this.#deviationUs) * share;
    this.#meanUs += (ageUs - this.#meanUs) * share;
  }

  /** Whether the answer to what was sent is overdue, as of the last `tick`. */
  get isLate(): boolean {
    return this.#lateSinceUs !== undefined;
  }

  /** Bytes sent since the newest packet that was answered. */
  get inFlightBytes(): number {
    if (this.#answered === undefined) return this.#totalBytes;
    return this.#totalBytes - (this.#sentBytes[this.#answered % places] as number);
  }

  /** Whether the last answer came no later than usual. */
  get wasUsual(): boolean {
    return this.#wasUsual;
  }

  /** Whether the next answer comes later than usual, if not yet so late that it tells of a queue. */
  isOverdue(nowUs: number): boolean {
    return !this.#isUsual(this.#ageUs(nowUs));
  }

  /** Share of the feedback that is lost. */
  get lostShare(): number {
    return this.#lostShare;
  }

  /** Whether all that was sent is answered: then nothing waits on the way. */
  get isAnswered(): boolean {
    return this.#answered === this.#newest;
  }

  /** Looks at the time; `queueDelayUs` = the wait on the way as it was measured last. */
  tick(nowUs: number, queueDelayUs: number): void {
    this.#fadeMargin(nowUs);
    const ageUs = this.#ageUs(nowUs);
    if (this.#lateSinceUs === undefined) {
      const usualUs = this.#meanUs + deviations * this.#deviationUs + this.#marginUs;
      const limitUs = Math.min(mostUs, usualUs + this.#lossAllowanceUs());
      if (ageUs > Math.max(leastUs, limitUs)) this.#lateSinceUs = nowUs;
      this.#alarmQueueUs = queueDelayUs;
      return;
    }
    this.#alarmQueueUs = Math.max(this.#alarmQueueUs, queueDelayUs);
    const isLong = nowUs - this.#lateSinceUs > longestUs;
    if (!isLong && ageUs > Math.max(leastBackUs, this.#meanUs)) return;
    this.#lateSinceUs = undefined;
    if (this.#alarmQueueUs < realQueueUs) this.#widenMargin();
    // So long is no queue that a pause would empty: the way has become a longer one.
    if (isLong) this.#meanUs = Math.min(mostUs, Math.max(this.#meanUs, ageUs));
  }

  #isUsual(ageUs: number): boolean {
    return ageUs <= this.#meanUs + this.#deviationUs;
  }

  #widenMargin(): void {
    const { factor, addUs, mostUs } = falseAlarm;
    this.#marginUs = Math.min(mostUs, this.#marginUs * factor + addUs);
  }

  #fadeMargin(nowUs: number): void {
    const keep = Math.exp(-(nowUs - (this.#tickedUs ?? nowUs)) / marginFadeUs);
    this.#tickedUs = nowUs;
    this.#marginUs = marginUs + (this.#marginUs - marginUs) * keep;
  }

  #countFeedback(count: number): void {
    const step = (count - (this.#count ?? count - 1)) & 0xff;
    if (step === 0 || step >= 128) return;
    this.#count = count;
    const lost = Math.min(1, (step - 1) / step);
    this.#lostShare += (lost - this.#lostShare) * meanShare;
  }

  #lossAllowanceUs(): number {
    const share = Math.min(maxLostShare, this.#lostShare);
    if (share < falseAlarmShare) return 0;
    const inARow = Math.log(falseAlarmShare) / Math.log(share);
    return Math.max(0, inARow - 1) * intervalUs;
  }

  /** Age of the oldest packet after the newest one that was answered. */
  #ageUs(nowUs: number): number {
    if (this.#newest === undefined || this.#answered === this.#newest) return 0;
    const next = ((this.#answered ?? 0) + 1) & 0xffff;
    return nowUs - (this.#sentUs[next % places] as number);
  }
}
