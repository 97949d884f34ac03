/** What the estimate of a clock may change between two looks without a step, ms. */
const leastStepMs = 10;

/** Steps of the machine's clock against the page's. Pure: times are given. */
export class ClockSteps {
  #offsetMs: number | undefined;
  #steps: number[] = [];

  /** The machine's clock is ahead of the page's by so much, ms; undefined while unknown. */
  handleOffset(offsetMs: number | undefined): void {
    if (offsetMs === undefined) return;
    const stepMs = offsetMs - (this.#offsetMs ?? offsetMs);
    this.#offsetMs = offsetMs;
    if (Math.abs(stepMs) >= leastStepMs && this.#steps.length < maxSteps) this.#steps.push(stepMs);
  }

  /** Steps since the last `take`, ms, oldest first. */
  take(): number[] {
    return this.#steps.splice(0);
  }
}

/** Steps kept between two looks; a clock that jumps more often is known well enough by these. */
const maxSteps = 16;
