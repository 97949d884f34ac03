const secondsKept = 10;

/** stableFps: mean of the last ten whole one-second counts, zeros left out. Pure. Rules: SPEC.md S1 to S4. */
export class StableFps {
  readonly #startMs: number;
  readonly #counts: number[] = [];
  #second = 0;
  #current = 0;

  /** Seconds are counted from `startMs`. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** A new frame was presented at `presentedMs`. */
  handleFrame(presentedMs: number): void {
    this.#advance(presentedMs);
    this.#current++;
  }

  /** Value at `nowMs`, or undefined when no whole second with a frame is known. */
  valueAt(nowMs: number): number | undefined {
    this.#advance(nowMs);
    const counted = this.#counts.filter((count) => count > 0);
    if (counted.length === 0) return undefined;
    return counted.reduce((sum, count) => sum + count, 0) / counted.length;
  }

  #advance(nowMs: number): void {
    const second = Math.floor((nowMs - this.#startMs) / 1000);
    if (second <= this.#second) return;
    this.#push(this.#current);
    const silentSeconds = Math.min(second - this.#second - 1, secondsKept);
    for (let i = 0; i < silentSeconds; i++) this.#push(0);
    this.#current = 0;
    this.#second = second;
  }

  #push(count: number): void {
    this.#counts.push(count);
    if (this.#counts.length > secondsKept) this.#counts.shift();
  }
}
