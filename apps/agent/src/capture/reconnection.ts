import { Backoff } from '@longreach/kit';
import type { VideoInputState } from './video-input.ts';

/** One try: opens, reports through `onOpen`, and returns or throws when the input ended. */
export type Attempt = (signal: AbortSignal, onOpen: () => void) => Promise<void>;

/** Waits between tries, ms. */
const retry = { firstMs: 200, maxMs: 5_000 };

/** Keeps an input running: opens it, and again after each end, with waits that grow to a bound. */
export class Reconnection {
  readonly #attempt: Attempt;
  readonly #onState: (state: VideoInputState, message: string) => void;
  #abort: AbortController | undefined;

  constructor(attempt: Attempt, onState: (state: VideoInputState, message: string) => void) {
    this.#attempt = attempt;
    this.#onState = onState;
  }

  /** Does nothing when it runs already. */
  start(): void {
    if (this.#abort) return;
    this.#abort = new AbortController();
    void this.#run(this.#abort.signal);
  }

  /** Idempotent. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(retry);
    const tell = (state: VideoInputState, message: string) => {
      if (!signal.aborted) this.#onState(state, message);
    };
    tell('opening', '');
    while (!signal.aborted) {
      const message = await this.#try(signal, () => {
        backoff.reset();
        tell('running', '');
      });
      tell('reconnecting', message);
      await wait(backoff.nextMs(), signal);
    }
  }

  async #try(signal: AbortSignal, onOpen: () => void): Promise<string> {
    try {
      await this.#attempt(signal, onOpen);
      return 'the input ended';
    } catch (error) {
      return (error as Error).message;
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
