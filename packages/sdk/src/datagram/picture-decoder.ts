import type { AccessUnit } from '@longreach/rtp/receive';
import { toError } from '../errors.ts';

/** A decoded picture, as the decoder's user sees it. */
export type DecodedPicture = Pick<
  VideoFrame,
  'timestamp' | 'displayWidth' | 'displayHeight' | 'close'
>;

/** Decodes access units in order; the first one, and the one after an error, is a key frame. */
export type PictureDecoder = {
  decode(unit: AccessUnit, timestampUs: number): void;
  close(): void;
};

export type PictureDecoderHandlers<Picture extends DecodedPicture> = {
  onPicture(picture: Picture): void;
  /** The decoder is gone; make another one. */
  onError(error: Error): void;
};

/** What our encoders make; for a key frame without parameter sets. */
const defaultCodec = 'avc1.42e01f';

/** The browser's H.264 decoder, set for one picture in, one picture out. */
export class WebCodecsDecoder implements PictureDecoder {
  readonly #decoder: VideoDecoder;
  readonly #acceleration: HardwareAcceleration;
  readonly #onError: (error: Error) => void;
  #codec: string | undefined;

  constructor(handlers: PictureDecoderHandlers<VideoFrame>, acceleration: HardwareAcceleration) {
    this.#acceleration = acceleration;
    this.#onError = handlers.onError;
    this.#decoder = new VideoDecoder({ output: handlers.onPicture, error: handlers.onError });
  }

  decode(unit: AccessUnit, timestampUs: number): void {
    try {
      const codec = unit.codec ?? this.#codec ?? defaultCodec;
      if (unit.key && codec !== this.#codec) this.#configure(codec);
      const type = unit.key ? 'key' : 'delta';
      this.#decoder.decode(
        new EncodedVideoChunk({ type, timestamp: timestampUs, data: unit.data }),
      );
    } catch (thrown) {
      this.#onError(toError(thrown));
    }
  }

  close(): void {
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }

  /** Without a description the decoder takes Annex B. */
  #configure(codec: string): void {
    this.#decoder.configure({
      codec,
      optimizeForLatency: true,
      hardwareAcceleration: this.#acceleration,
    });
    this.#codec = codec;
  }
}
