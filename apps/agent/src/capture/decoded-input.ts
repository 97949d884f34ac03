import type { Clock } from '@longreach/kit';
import { Demuxer } from './demuxer.ts';
import type { InputSource } from './input-source.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { PictureFitter } from './picture-fitter.ts';
import { Reconnection } from './reconnection.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** Options of a live input that is decoded. */
export type DecodedInputOptions = {
  source: InputSource;
  /** What is encoded. */
  width: number;
  height: number;
  fps: number;
  stamp: boolean;
  clock: Clock;
};

/** A picture that comes this share of a period too early still counts: senders are not exact. */
const earlyShare = 0.25;

/** An RTSP camera, another address or a V4L2 device: read, decoded, brought to size; connected again when it ends. */
export class DecodedInput implements VideoInput {
  readonly #options: DecodedInputOptions;
  readonly #handlers: VideoInputHandlers;
  readonly #reconnection: Reconnection;
  #periodUs: number;
  #dueUs = 0;
  #leftOut = 0;

  constructor(options: DecodedInputOptions, handlers: VideoInputHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#periodUs = 1e6 / options.fps;
    this.#reconnection = new Reconnection(
      (signal, onOpen) => this.#run(signal, onOpen),
      (state, message) => handlers.onState(state, message),
    );
  }

  start(): void {
    this.#reconnection.start();
  }

  stop(): void {
    this.#reconnection.stop();
  }

  setFps(fps: number): void {
    this.#periodUs = 1e6 / fps;
  }

  get leftOutPictures(): number {
    return this.#leftOut;
  }

  async #run(signal: AbortSignal, onOpen: () => void): Promise<void> {
    await Demuxer.use(this.#options.source, signal, async (demuxer) => {
      const fitter = new PictureFitter(this.#options);
      let decoder: PictureDecoder | undefined;
      try {
        decoder = await PictureDecoder.open(demuxer.stream.codecpar);
        await this.#pump(demuxer, decoder, fitter, signal, onOpen);
      } finally {
        decoder?.close();
        fitter.close();
      }
    });
  }

  async #pump(
    demuxer: Demuxer,
    decoder: PictureDecoder,
    fitter: PictureFitter,
    signal: AbortSignal,
    onOpen: () => void,
  ): Promise<void> {
    let isFirst = true;
    for (;;) {
      const packet = await demuxer.read();
      if (!packet || signal.aborted) return;
      // The nearest to the moment of exposure that a receiver knows.
      const captureTimeUs = this.#options.clock.nowUs();
      decoder.decode(packet, (frame) => {
        if (isFirst) onOpen();
        isFirst = false;
        if (!signal.aborted && this.#isDue(captureTimeUs)) {
          this.#handlers.onPicture(fitter.fit(frame, captureTimeUs));
        }
      });
    }
  }

  /** Leaves pictures out when the source gives more than wanted. */
  #isDue(timeUs: number): boolean {
    if (timeUs < this.#dueUs - earlyShare * this.#periodUs) {
      this.#leftOut += 1;
      return false;
    }
    this.#dueUs = Math.max(this.#dueUs + this.#periodUs, timeUs);
    return true;
  }
}
