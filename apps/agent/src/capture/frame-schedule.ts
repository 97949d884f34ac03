/**
 * When frames are due: absolute deadlines on the machine clock, so that 29.97 stays 29.97 for days. Pure.
 * Deadline n = n × period + phase × period, counted from the clock's origin: all cameras share one grid.
 */
export class FrameSchedule {
  #periodUs: number;
  readonly #phase: number;
  #lastUs: number | undefined;
  #missed = 0;

  /** `phase` is a share of the period (0 to 1) by which cameras keep out of each other's way. */
  constructor(fps: number, phase: number) {
    this.#periodUs = 1e6 / fps;
    this.#phase = phase;
  }

  /** Changes the rate; the next deadline is on the new grid. */
  setFps(fps: number): void {
    this.#periodUs = 1e6 / fps;
  }

  /** Deadlines that were missed so far. */
  get missed(): number {
    return this.#missed;
  }

  /** Tells that a frame was taken for the deadline at `dueUs` (or without one). */
  handleFrame(dueUs: number): void {
    this.#lastUs = dueUs;
  }

  /**
   * The next deadline, µs: the first on the grid after `nowUs` and at least half a period after the last frame.
   * Deadlines that were missed are left out, never made up for.
   */
  nextUs(nowUs: number): number {
    if (this.#lastUs === undefined) return this.#firstAfter(nowUs);
    const plannedUs = this.#firstAfter(this.#lastUs + this.#periodUs / 2);
    if (plannedUs > nowUs) return plannedUs;
    const nextUs = this.#firstAfter(nowUs);
    this.#missed += Math.round((nextUs - plannedUs) / this.#periodUs);
    return nextUs;
  }

  #firstAfter(timeUs: number): number {
    const shift = this.#phase * this.#periodUs;
    return (Math.floor((timeUs - shift) / this.#periodUs) + 1) * this.#periodUs + shift;
  }
}
