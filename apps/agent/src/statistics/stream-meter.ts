import type { Encoding } from '@longreach/protocol';
import { CaptureMeter, type InputFacts } from './capture-meter.ts';
import { type EncodedPictureFacts, EncodeMeter, type EncoderFacts } from './encode-meter.ts';
import type { MediaStreamStats } from './media-stats.ts';

/** An encoding that runs, and what it says of itself. */
export type RunningEncoding = { encoding: Encoding; facts: EncoderFacts };

/** What a stream says of itself when it is asked. */
export type StreamFacts = {
  streamId: number;
  targetFps: number;
  input: InputFacts;
  /** Those that run now. */
  encodings: RunningEncoding[];
};

/** Counts what one stream's input and its encodings do. Pure: time is given, µs. */
export class StreamMeter {
  readonly #capture = new CaptureMeter();
  readonly #encodings: Record<Encoding, EncodeMeter> = {
    main: new EncodeMeter(),
    small: new EncodeMeter(),
  };
  #pictureUs: number | undefined;

  /** The input begins. */
  startInput(nowUs: number, facts: InputFacts): void {
    this.#capture.start(nowUs, facts);
  }

  /** The input ended. */
  stopInput(): void {
    this.#capture.stop();
  }

  /** An encoding begins. */
  startEncoding(nowUs: number, { encoding, facts }: RunningEncoding): void {
    this.#encodings[encoding].start(nowUs, facts);
  }

  /** A picture of `captureTimeUs` can be encoded now. */
  handlePicture(captureTimeUs: number, nowUs: number): void {
    this.#capture.handlePicture(captureTimeUs, nowUs - captureTimeUs);
  }

  /** An encoder gets that picture now. */
  beginEncoding(nowUs: number): void {
    this.#pictureUs = nowUs;
  }

  /** An encoder is done with it, or a picture came encoded, at `nowUs`. */
  handleEncoded(
    encoding: Encoding,
    picture: Omit<EncodedPictureFacts, 'tookUs'>,
    nowUs: number,
  ): void {
    const tookUs = this.#pictureUs === undefined ? {} : { tookUs: nowUs - this.#pictureUs };
    this.#encodings[encoding].handleEncoded({ ...picture, ...tookUs });
  }

  /** The figures since the last call; begins anew. */
  take(nowUs: number, { streamId, targetFps, input, encodings }: StreamFacts): MediaStreamStats {
    const capture = this.#capture.take(nowUs, targetFps, input);
    return {
      streamId,
      ...(capture && { capture }),
      encodings: encodings.map(({ encoding, facts }) => ({
        encoding,
        encode: this.#encodings[encoding].take(nowUs, facts),
      })),
    };
  }
}
