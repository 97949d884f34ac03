import type { Clock } from '@longreach/kit';
import type { Encoding } from '@longreach/protocol';
import { KeyFrameRequests } from '@longreach/rtp';

type Stream = {
  streamId: number;
  encoding: Encoding;
  requests: KeyFrameRequests;
  timer?: NodeJS.Timeout;
};

/**
 * Pacing of one stream: wishes within 200 ms become one request. One try only: the encoder is on this machine, so
 * what was asked for comes, and the key frame under way may be the very one that was lost.
 */
const pacing = { intervalUs: 200_000, maxTries: 1 };

/** Joins the key frame wishes of all connections into few requests, encoding by encoding. */
export class StreamKeyFrames {
  readonly #clock: Clock;
  readonly #request: (streamId: number, encoding: Encoding) => void;
  readonly #streams = new Map<string, Stream>();

  constructor(clock: Clock, request: (streamId: number, encoding: Encoding) => void) {
    this.#clock = clock;
    this.#request = request;
  }

  /** Somebody needs a key frame of this encoding. */
  want(streamId: number, encoding: Encoding = 'main'): void {
    const key = keyOf(streamId, encoding);
    const stream = this.#streams.get(key) ?? {
      streamId,
      encoding,
      requests: new KeyFrameRequests(pacing),
    };
    this.#streams.set(key, stream);
    stream.requests.handleWish(this.#clock.nowUs());
    this.#ask(stream);
  }

  /** A key frame came: whatever was wanted before it is served. */
  handleKeyFrame(streamId: number, encoding: Encoding = 'main'): void {
    const stream = this.#streams.get(keyOf(streamId, encoding));
    stream?.requests.handleKeyFrame();
    clearTimeout(stream?.timer);
  }

  /** Idempotent. */
  close(): void {
    for (const { timer } of this.#streams.values()) clearTimeout(timer);
    this.#streams.clear();
  }

  #ask(stream: Stream): void {
    const nowUs = this.#clock.nowUs();
    const isDue = stream.requests.takeDue(nowUs);
    const dueUs = stream.requests.nextDeadlineUs;
    clearTimeout(stream.timer);
    if (dueUs !== undefined) {
      const waitMs = Math.max(0, Math.ceil((dueUs - nowUs) / 1000));
      stream.timer = setTimeout(() => this.#ask(stream), waitMs);
    }
    if (isDue) this.#request(stream.streamId, stream.encoding);
  }
}

function keyOf(streamId: number, encoding: Encoding): string {
  return `${streamId}:${encoding}`;
}
