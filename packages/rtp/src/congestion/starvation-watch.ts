/** Silence that is no outage, apart from two round trips. */
const minSilenceUs = 100_000;
const maxSilenceUs = 1_500_000;
/** Before the first feedback: the other side may be slow to begin. */
const firstSilenceUs = 1_000_000;
/** An outage is seen wrongly (all these feedbacks lost by chance) once in so many feedbacks. */
const falseAlarmShare = 1e-5;
const minFeedbacks = 2.5;
const typicalIntervalUs = 25_000;

/** Sees that feedback stays away although packets were sent (SPEC C14). */
export class StarvationWatch {
  #isStarved = false;
  /** When the first packet left that no feedback followed. */
  #unansweredUs: number | undefined;
  #lastUs: number | undefined;
  #lastCount = 0;
  /** Sliding counts of feedback sent and got, and the time between two. */
  #expected = 1;
  #got = 1;
  #intervalUs = typicalIntervalUs;

  /** Whether feedback has been missing for too long. */
  get isStarved(): boolean {
    return this.#isStarved;
  }

  /** A packet was sent. */
  handleSent(nowUs: number): void {
    this.#unansweredUs ??= nowUs;
  }

  /** A feedback came. */
  handleFeedback(count: number, nowUs: number): void {
    const wasStarved = this.#isStarved;
    this.#isStarved = false;
    this.#unansweredUs = undefined;
    const step = this.#lastUs === undefined ? 0 : (count - this.#lastCount) & 0xff;
    if (this.#lastUs !== undefined && step >= 128) return; // an older one, overtaken
    // What an outage swallowed says nothing of feedback lost by chance.
    if (step > 0 && !wasStarved) {
      this.#expected = 0.97 * this.#expected + step;
      this.#got = 0.97 * this.#got + 1;
      const interval = Math.min(maxSilenceUs, (nowUs - (this.#lastUs ?? nowUs)) / step);
      this.#intervalUs += 0.05 * (interval - this.#intervalUs);
    }
    this.#lastCount = count;
    this.#lastUs = nowUs;
  }

  /** Looks at the time. Feedback is taken to be lost at least as often as packets are (`lossShare`). */
  tick(nowUs: number, roundTripUs: number, lossShare: number): void {
    if (this.#unansweredUs === undefined || this.#isStarved) return;
    const limit = this.#lastUs === undefined ? firstSilenceUs : this.#silenceUs(lossShare);
    if (nowUs - this.#unansweredUs > 2 * roundTripUs + limit) this.#isStarved = true;
  }

  #silenceUs(lossShare: number): number {
    const lost = Math.min(0.9, Math.max(0.001, lossShare, 1 - this.#got / this.#expected));
    const feedbacks = Math.max(minFeedbacks, Math.log(falseAlarmShare) / Math.log(lost));
    return Math.min(maxSilenceUs, Math.max(minSilenceUs, feedbacks * this.#intervalUs));
  }
}
