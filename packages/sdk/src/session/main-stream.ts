/** Told again after this time, ms: a machine that came anew does not know, and a request may be lost. */
const againMs = 10_000;

/** Decides when the machine is told which stream its master drives by, so that this one keeps its quality longest. */
export class MainStream {
  #streamId: number | undefined;
  #epoch: number | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** Whether to tell now that the master of this lease drives by this stream; counts as told. */
  takeDue(streamId: number, epoch: number, nowMs: number): boolean {
    const isSame = streamId === this.#streamId && epoch === this.#epoch;
    if (isSame && nowMs - this.#toldMs < againMs) return false;
    this.#streamId = streamId;
    this.#epoch = epoch;
    this.#toldMs = nowMs;
    return true;
  }
}
