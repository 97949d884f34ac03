/** A picture so much earlier than due is taken, share of the time between two: capture times are never exact. */
const slack = 0.3;

/** Leaves pictures out so that about so many a second remain. Pure: times are given, µs. */
export class PictureThinner {
  #dueUs = Number.NEGATIVE_INFINITY;
  #skipped = 0;
  #forRate = 0;
  #forHold = 0;

  /** Pictures left out so far: to keep to the rate, and since only one in so many remains. */
  get leftOut(): { forRate: number; forHold: number } {
    return { forRate: this.#forRate, forHold: this.#forHold };
  }

  /** Whether a picture taken at `captureTimeUs` remains at `fps` a second of `inputFps`, of which one in `keepOneIn` (0 = none). */
  takes(captureTimeUs: number, fps: number, inputFps: number, keepOneIn: number): boolean {
    if (fps < inputFps && !this.#isDue(captureTimeUs, fps, inputFps)) {
      this.#forRate += 1;
      return false;
    }
    this.#skipped += 1;
    if (keepOneIn === 0 || this.#skipped < keepOneIn) {
      this.#forHold += 1;
      return false;
    }
    this.#skipped = 0;
    return true;
  }

  #isDue(captureTimeUs: number, fps: number, inputFps: number): boolean {
    const intervalUs = 1_000_000 / fps;
    if (captureTimeUs < this.#dueUs - (slack * 1_000_000) / inputFps) return false;
    const isLate = captureTimeUs - this.#dueUs > intervalUs;
    this.#dueUs = (isLate ? captureTimeUs : this.#dueUs) + intervalUs;
    return true;
  }
}
