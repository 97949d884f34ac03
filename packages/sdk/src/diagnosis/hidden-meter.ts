/** Time in which the page was hidden. Pure: times are given, ms. */
export class HiddenMeter {
  #hiddenSinceMs: number | undefined;
  #sumMs = 0;

  /** The page was hidden, or is seen again; the same once more changes nothing. */
  handleVisibility(isVisible: boolean, nowMs: number): void {
    if (!isVisible) this.#hiddenSinceMs ??= nowMs;
    else if (this.#hiddenSinceMs !== undefined) {
      this.#sumMs += nowMs - this.#hiddenSinceMs;
      this.#hiddenSinceMs = undefined;
    }
  }

  /** Hidden time since the last `take`, ms. */
  take(nowMs: number): number {
    const sumMs =
      this.#sumMs + (this.#hiddenSinceMs === undefined ? 0 : nowMs - this.#hiddenSinceMs);
    this.#sumMs = 0;
    if (this.#hiddenSinceMs !== undefined) this.#hiddenSinceMs = nowMs;
    return sumMs;
  }
}
