/**
 * Calls periodically, each time after the input that was already waiting has been read: when this process
 * itself stalled, the signs of life that came meanwhile count before anybody's silence is judged.
 */
export class Ticker {
  readonly #timer: NodeJS.Timeout;
  #immediate: NodeJS.Immediate | undefined;

  constructor(periodMs: number, act: () => void) {
    // Timers run before sockets are read, immediates after.
    this.#timer = setInterval(() => {
      this.#immediate = setImmediate(act);
    }, periodMs);
  }

  /** Stops; idempotent. */
  close(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#immediate);
  }
}
