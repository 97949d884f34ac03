import { AutoplayCode } from '@longreach/protocol';
import { rtpTimestampOf } from '../datagram/media-time.ts';
import { toError } from '../errors.ts';
import type { CreatePlayer, Player, PlayerHandlers, PlayerSource } from './player.ts';

/** Shows a stream in a `<video>`: muted (sound plays elsewhere), so that it may start by itself. */
class ElementPlayer implements Player {
  readonly #element: HTMLVideoElement;
  readonly #handlers: PlayerHandlers;
  #frameRequest: number | undefined;
  #source: PlayerSource | undefined;
  #closed = false;

  constructor(element: HTMLVideoElement, handlers: PlayerHandlers) {
    this.#element = element;
    this.#handlers = handlers;
    element.muted = true;
    element.playsInline = true;
    element.autoplay = true;
    element.disablePictureInPicture = true;
    this.#awaitFrame();
  }

  show(source: PlayerSource): void {
    if (this.#closed || this.#source?.stream === source.stream) return;
    this.#source = source;
    this.#element.srcObject = source.stream;
    void this.#play(source);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#frameRequest !== undefined) {
      this.#element.cancelVideoFrameCallback?.(this.#frameRequest);
    }
    if (this.#source && this.#element.srcObject === this.#source.stream) {
      this.#element.srcObject = null;
    }
  }

  async #play(source: PlayerSource): Promise<void> {
    try {
      await this.#element.play();
      if (this.#source === source) this.#handlers.onAutoplay(AutoplayCode.Success, 'playing');
    } catch (thrown) {
      const error = toError(thrown);
      // Another source took this one's place before it started: no failure.
      if (error.name === 'AbortError' || this.#closed || this.#source !== source) return;
      this.#handlers.onAutoplay(AutoplayCode.Failed, error.message);
    }
  }

  #awaitFrame(): void {
    this.#frameRequest = this.#element.requestVideoFrameCallback?.((_now, metadata) => {
      if (this.#closed) return;
      this.#awaitFrame();
      const { presentationTime, width, height } = metadata;
      const rtpTimestamp = this.#rtpTimestamp(metadata);
      this.#handlers.onFrame({
        // The callback's own time is the start of a refresh: up to 6 ms off what the screen shows (decision 0012).
        presentedMs: presentationTime,
        width,
        height,
        ...(rtpTimestamp === undefined ? {} : { rtpTimestamp }),
      });
    });
  }

  #rtpTimestamp({ mediaTime, rtpTimestamp }: VideoFrameCallbackMetadata): number | undefined {
    return this.#source?.kind === 'datagram' ? rtpTimestampOf(mediaTime) : rtpTimestamp;
  }
}

/** One player for the pictures of both receivers. */
export const createElementPlayer: CreatePlayer = (element, handlers) =>
  new ElementPlayer(element, handlers);
