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
 * Watches whether a datagram viewer can be heard: its requests take the data channels, which come up late and stand
 * still for seconds under heavy loss. Pure: time is given, µs.
 */
export class ReturnPath {
  #heardUs: number | undefined;
  #meanUs = mostIntervalUs / silentIntervals;
  #keyFrameUs: number | undefined;

  /** A message came, on any channel. */
  handleMessage(nowUs: number): void {
    const intervalUs = Math.min(mostIntervalUs, nowUs - (this.#heardUs ?? nowUs));
    if (this.#heardUs !== undefined) this.#meanUs += (intervalUs - this.#meanUs) * meanShare;
    this.#heardUs = nowUs;
  }

  /** Whether it has been silent for longer than usual; requests may be standing still with all the rest. */
  isSilent(nowUs: number): boolean {
    this.#heardUs ??= nowUs;
    return nowUs - this.#heardUs > Math.max(leastSilenceUs, silentIntervals * this.#meanUs);
  }

  /** Whether a key frame is due that it may need and cannot ask for: `canAsk` = its channel is up. Counts as given. */
  takeKeyFrameDue(canAsk: boolean, lossShare: number, nowUs: number): boolean {
    this.#keyFrameUs ??= nowUs;
    const isNeeded = !canAsk || (this.isSilent(nowUs) && lossShare > leastLossShare);
    if (!isNeeded || nowUs - this.#keyFrameUs < keyFrameIntervalUs) return false;
    this.#keyFrameUs = nowUs;
    return true;
  }
}
