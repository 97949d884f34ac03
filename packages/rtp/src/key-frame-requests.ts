/** Pacing of key frame requests to one source. */
export type KeyFrameRequestsOptions = {
  /** Least time between two requests, and the time after which an unanswered one is repeated. Default 300,000 µs. */
  intervalUs?: number;
  /** Requests without a key frame after which it rests until somebody asks again. Default 10. */
  maxTries?: number;
};

type State = { kind: 'idle' } | { kind: 'waiting'; dueUs: number; tries: number };

const idle: State = { kind: 'idle' };

/** Joins the key frame wishes of all viewers of one source into few requests (SPEC K1–K6). */
export class KeyFrameRequests {
  readonly #intervalUs: number;
  readonly #maxTries: number;
  #state: State = idle;
  #sentUs = Number.NEGATIVE_INFINITY;

  constructor(options: KeyFrameRequestsOptions = {}) {
    this.#intervalUs = options.intervalUs ?? 300_000;
    this.#maxTries = options.maxTries ?? 10;
  }

  /** When `takeDue` should be called next, µs; undefined while no key frame is wanted. */
  get nextDeadlineUs(): number | undefined {
    return this.#state.kind === 'waiting' ? this.#state.dueUs : undefined;
  }

  /** Somebody needs a key frame (PLI, FIR, a switch, a loss given up). */
  handleWish(nowUs: number): void {
    if (this.#state.kind === 'waiting') {
      this.#state.tries = 0;
      return;
    }
    const dueUs = Math.max(nowUs, this.#sentUs + this.#intervalUs);
    this.#state = { kind: 'waiting', dueUs, tries: 0 };
  }

  /** A key frame begins: every earlier wish is answered. */
  handleKeyFrame(): void {
    this.#state = idle;
  }

  /** Whether to ask the source now; counts as asked. */
  takeDue(nowUs: number): boolean {
    if (this.#state.kind === 'idle' || nowUs < this.#state.dueUs) return false;
    if (this.#state.tries >= this.#maxTries) {
      this.#state = idle;
      return false;
    }
    this.#state.tries += 1;
    this.#state.dueUs = nowUs + this.#intervalUs;
    this.#sentUs = nowUs;
    return true;
  }
}
