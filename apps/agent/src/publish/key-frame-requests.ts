/** Least time between two requests for one stream, ms. */
const minGapMs = 200;

/**
 * Limits key frame requests per stream: the first goes out at once, those that follow within 200 ms become one
 * at the end of that time (the key frame under way may be the very one that was lost).
 */
export class KeyFrameRequests {
  readonly #request: (streamId: number) => void;
  readonly #gaps = new Map<number, { timer: NodeJS.Timeout; isAgain: boolean }>();

  constructor(request: (streamId: number) => void) {
    this.#request = request;
  }

  /** Somebody needs a key frame of this stream. */
  want(streamId: number): void {
    const gap = this.#gaps.get(streamId);
    if (gap) {
      gap.isAgain = true;
      return;
    }
    this.#open(streamId);
  }

  /** A key frame came: whatever was wanted before it is served. */
  handleKeyFrame(streamId: number): void {
    const gap = this.#gaps.get(streamId);
    if (gap) gap.isAgain = false;
  }

  /** Idempotent. */
  close(): void {
    for (const { timer } of this.#gaps.values()) clearTimeout(timer);
    this.#gaps.clear();
  }

  #open(streamId: number): void {
    const timer = setTimeout(() => {
      const isAgain = this.#gaps.get(streamId)?.isAgain === true;
      this.#gaps.delete(streamId);
      if (isAgain) this.#open(streamId);
    }, minGapMs);
    this.#gaps.set(streamId, { timer, isAgain: false });
    this.#request(streamId);
  }
}
