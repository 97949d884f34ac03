import { AutoplayCode } from '@longreach/protocol';
import { toError } from '../errors.ts';
import type { CreatePlayer, Player, PlayerHandlers, PlayerSource } from './player.ts';

type FrameMetadata = {
  rtpTimestamp?: number;
  presentationTime: number;
  width: number;
  height: number;
};

/** The browser's own receiver in a `<video>`: muted (sound plays elsewhere), so that it may start by itself. */
class RtpPlayer implements Player {
  readonly #element: HTMLVideoElement;
  readonly #handlers: PlayerHandlers;
  #frameRequest: number | undefined;
  #source: MediaStream | undefined;
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
    if (this.#closed || this.#source === source.stream) return;
    this.#source = source.stream;
    this.#element.srcObject = source.stream;
    void this.#play(source.stream);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#frameRequest !== undefined) {
      this.#element.cancelVideoFrameCallback?.(this.#frameRequest);
    }
    if (this.#element.srcObject === this.#source) this.#element.srcObject = null;
  }

  async #play(stream: MediaStream): Promise<void> {
    try {
      await this.#element.play();
      if (this.#source === stream) this.#handlers.onAutoplay(AutoplayCode.Success, 'playing');
    } catch (thrown) {
      const error = toError(thrown);
      // Another source took this one's place before it started: no failure.
      if (error.name === 'AbortError' || this.#closed || this.#source !== stream) return;
      this.#handlers.onAutoplay(AutoplayCode.Failed, error.message);
    }
  }

  #awaitFrame(): void {
    this.#frameRequest = this.#element.requestVideoFrameCallback?.((_now, metadata) => {
      if (this.#closed) return;
      this.#awaitFrame();
      const { rtpTimestamp, presentationTime, width, height } = metadata as FrameMetadata;
      this.#handlers.onFrame({
        // The callback's own time is the start of a refresh: up to 6 ms off what the screen shows (decision 0012).
        presentedMs: presentationTime,
        width,
        height,
        ...(rtpTimestamp === undefined ? {} : { rtpTimestamp }),
      });
    });
  }
}

/** The first player: needs no more than the browser's WebRTC. */
export const createRtpPlayer: CreatePlayer = (element, handlers) =>
  new RtpPlayer(element, handlers);
