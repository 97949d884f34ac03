import type { Clock } from '@longreach/kit';
import { AV_CODEC_ID_H264 } from 'node-av/constants';
import { withParameterSets } from './annex-b.ts';
import { Demuxer } from './demuxer.ts';
import { MediaError, MediaErrorCode } from './errors.ts';
import type { InputSource } from './input-source.ts';
import { Reconnection } from './reconnection.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** Options of an input that is forwarded as it comes. */
export type ForwardedInputOptions = { source: InputSource; clock: Clock };

/** RTSP forwarded without decoding: H.264, each key frame preceded by its parameter sets. */
export class ForwardedInput implements VideoInput {
  readonly #options: ForwardedInputOptions;
  readonly #handlers: VideoInputHandlers;
  readonly #reconnection: Reconnection;

  constructor(options: ForwardedInputOptions, handlers: VideoInputHandlers) {
    this.#options = options;
    this.#handlers = handlers;
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

  /** The camera's own rate holds. */
  setFps(): void {}

  #run(signal: AbortSignal, onOpen: () => void): Promise<void> {
    return Demuxer.use(this.#options.source, signal, (demuxer) =>
      this.#pump(demuxer, signal, onOpen),
    );
  }

  async #pump(demuxer: Demuxer, signal: AbortSignal, onOpen: () => void): Promise<void> {
    const { codecId, extradata } = demuxer.stream.codecpar;
    if (codecId !== AV_CODEC_ID_H264) {
      throw new MediaError(MediaErrorCode.CodecNotForwarded, 'only H.264 can be forwarded');
    }
    const parameterSets = extradata ? Buffer.from(extradata) : Buffer.alloc(0);
    onOpen();
    for (;;) {
      const packet = await demuxer.read();
      if (!packet || signal.aborted) return;
      const captureTimeUs = this.#options.clock.nowUs();
      if (!packet.data) continue;
      const key = packet.isKeyframe;
      const data = key ? withParameterSets(packet.data, parameterSets) : Buffer.from(packet.data);
      this.#handlers.onEncodedPicture({ data, key, captureTimeUs });
    }
  }
}
