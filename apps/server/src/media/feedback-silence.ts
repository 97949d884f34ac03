/** A viewer that may miss a key frame and could not say so gets one this often, µs. */
const keyFrameIntervalUs = 1_500_000;
/** With so much lost, a viewer that can ask does ask now and then. */
const heavyLossShare = 0.25;

/**
 * Decides when a datagram viewer gets a key frame that it did not ask for: its requests take the data channel, which
 * comes up late and stands still for seconds under heavy loss. Pure: time is given, µs.
 */
export class FeedbackSilence {
  #heardUs: number | undefined;

  /** A request of the viewer came. */
  handleRequest(nowUs: number): void {
    this.#heardUs = nowUs;
  }

  /** Whether a key frame is due: `canAsk` = its channel is up. Counts as given. */
  takeDue(canAsk: boolean, lossShare: number, nowUs: number): boolean {
    this.#heardUs ??= nowUs;
    if (nowUs - this.#heardUs < keyFrameIntervalUs) return false;
    this.#heardUs = nowUs;
    return !canAsk || lossShare > heavyLossShare;
  }
}
