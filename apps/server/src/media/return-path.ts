/** Between two key frames that nobody asked for, µs. */
const keyFrameIntervalUs = 1_500_000;
/** With less lost, what a viewer cannot ask for hardly gets lost. */
const leastLossShare = 0.05;
/** Weight of one interval in the mean, and what one counts at most, µs. */
const meanShare = 1 / 8;
const mostIntervalUs = 1_000_000;
/** It is silent after so many usual intervals, and never sooner than this, µs. */
const silentIntervals = 4;
const leastSilenceUs = 300_000;

/**
 * Watches whether a datagram viewer can be heard: what it says may get lost for a while, requests with all the rest.
 * Pure: time is given, µs.
 */
export class ReturnPath {
  #heardUs: number | undefined;
  #wasHeard = false;
  #meanUs = mostIntervalUs / silentIntervals;
  #keyFrameUs: number | undefined;

  /** A message came. */
  handleMessage(nowUs: number): void {
    const intervalUs = Math.min(mostIntervalUs, nowUs - (this.#heardUs ?? nowUs));
    if (this.#heardUs !== undefined) this.#meanUs += (intervalUs - this.#meanUs) * meanShare;
    this.#heardUs = nowUs;
    this.#wasHeard = true;
  }

  /** Whether it has been silent for longer than usual; requests may be standing still with all the rest. */
  isSilent(nowUs: number): boolean {
    this.#heardUs ??= nowUs;
    return nowUs - this.#heardUs > Math.max(leastSilenceUs, silentIntervals * this.#meanUs);
  }

  /** Whether a key frame is due that it may need and cannot ask for. Counts as given. */
  takeKeyFrameDue(lossShare: number, nowUs: number): boolean {
    this.#keyFrameUs ??= nowUs;
    const isNeeded = !this.#wasHeard || (this.isSilent(nowUs) && lossShare > leastLossShare);
    if (!isNeeded || nowUs - this.#keyFrameUs < keyFrameIntervalUs) return false;
    this.#keyFrameUs = nowUs;
    return true;
  }
}
