import type { Clock } from '@longreach/kit';
import { KeyFrameRequests } from '@longreach/rtp';

type Stream = { requests: KeyFrameRequests; timer?: NodeJS.Timeout };

/**
 * Pacing of one stream: wishes within 200 ms become one request. One try only: the encoder is on this machine, so
 * what was asked for comes, and the key frame under way may be the very one that was lost.
 */
const pacing = { intervalUs: 200_000, maxTries: 1 };

/** Joins the key frame wishes of all connections into few requests, stream by stream. */
export class StreamKeyFrames {
  readonly #clock: Clock;
  readonly #request: (streamId: number) => void;
  readonly #streams = new Map<number, Stream>();

  constructor(clock: Clock, request: (streamId: number) => void) {
    this.#clock = clock;
    this.#request = request;
  }

  /** Somebody needs a key frame of this stream. */
  want(streamId: number): void {
    const stream = this.#streams.get(streamId) ?? { requests: new KeyFrameRequests(pacing) };
    this.#streams.set(streamId, stream);
    stream.requests.handleWish(this.#clock.nowUs());
    this.#ask(streamId, stream);
  }

  /** A key frame came: whatever was wanted before it is served. */
  handleKeyFrame(streamId: number): void {
    const stream = this.#streams.get(streamId);
    stream?.requests.handleKeyFrame();
    clearTimeout(stream?.timer);
  }

  /** Idempotent. */
  close(): void {
    for (const { timer } of this.#streams.values()) clearTimeout(timer);
    this.#streams.clear();
  }

  #ask(streamId: number, stream: Stream): void {
    const nowUs = this.#clock.nowUs();
    const isDue = stream.requests.takeDue(nowUs);
    const dueUs = stream.requests.nextDeadlineUs;
    clearTimeout(stream.timer);
    if (dueUs !== undefined) {
      const waitMs = Math.max(0, Math.ceil((dueUs - nowUs) / 1000));
      stream.timer = setTimeout(() => this.#ask(streamId, stream), waitMs);
    }
    if (isDue) this.#request(streamId);
  }
}
