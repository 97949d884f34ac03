/** A picture so much earlier than due is taken, share of the time between two: capture times are never exact. */
const slack = 0.3;

/** Leaves pictures out so that about so many a second remain. Pure: times are given, µs. */
export class PictureThinner {
  #dueUs = Number.NEGATIVE_INFINITY;
  #skipped = 0;

  /** Whether a picture taken at `captureTimeUs` remains at `fps` a second of `inputFps`, of which one in `keepOneIn` (0 = none). */
  takes(captureTimeUs: number, fps: number, inputFps: number, keepOneIn: number): boolean {
    if (fps < inputFps && !this.#isDue(captureTimeUs, fps, inputFps)) return false;
    this.#skipped += 1;
    if (keepOneIn === 0 || this.#skipped < keepOneIn) return false;
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
