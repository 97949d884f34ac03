import { AutoplayCode } from '@longreach/protocol';
import { toError } from '../errors.ts';

/** Plays the machine's sound. A browser that wants a gesture first gets another try at the next one. */
export class AudioOutput {
  readonly #element = new Audio();
  readonly #onAutoplay: (code: AutoplayCode, message: string) => void;
  readonly #abort = new AbortController();
  #awaitsGesture = false;

  constructor(onAutoplay: (code: AutoplayCode, message: string) => void) {
    this.#onAutoplay = onAutoplay;
  }

  /** Plays `stream` from now on. */
  show(stream: MediaStream): void {
    if (this.#element.srcObject === stream) return;
    this.#element.srcObject = stream;
    void this.#play();
  }

  setMuted(muted: boolean): void {
    this.#element.muted = muted;
  }

  /** Idempotent. */
  close(): void {
    this.#abort.abort();
    this.#element.srcObject = null;
  }

  async #play(): Promise<void> {
    try {
      await this.#element.play();
      if (!this.#abort.signal.aborted) this.#onAutoplay(AutoplayCode.Success, 'playing');
    } catch (thrown) {
      const error = toError(thrown);
      if (this.#abort.signal.aborted || error.name === 'AbortError') return;
      this.#onAutoplay(AutoplayCode.Failed, error.message);
      this.#playAtGesture();
    }
  }

  #playAtGesture(): void {
    if (this.#awaitsGesture) return;
    this.#awaitsGesture = true;
    const gesture = new AbortController();
    const signal = AbortSignal.any([gesture.signal, this.#abort.signal]);
    const retry = () => {
      gesture.abort();
      this.#awaitsGesture = false;
      void this.#play();
    };
    for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, retry, { signal });
  }
}
