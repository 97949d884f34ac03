/**
 * When frames are due: absolute deadlines on the machine clock, so that 29.97 stays 29.97 for days. Pure.
 * Deadline n = n × period + phase × period, counted from the clock's origin: all cameras share one grid.
 */
export class FrameSchedule {
  #periodUs: number;
  readonly #phase: number;
  #lastUs: number | undefined;

  /** `phase` is a share of the period (0 to 1) by which cameras keep out of each other's way. */
  constructor(fps: number, phase: number) {
    this.#periodUs = 1e6 / fps;
    this.#phase = phase;
  }

  /** Changes the rate; the next deadline is on the new grid. */
  setFps(fps: number): void {
    this.#periodUs = 1e6 / fps;
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
    const earliest = Math.max(nowUs, (this.#lastUs ?? -Infinity) + this.#periodUs / 2);
    const shift = this.#phase * this.#periodUs;
    return (Math.floor((earliest - shift) / this.#periodUs) + 1) * this.#periodUs + shift;
  }
}
