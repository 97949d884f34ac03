import type { MediaError } from '../capture/errors.ts';
import { PictureFitter } from '../capture/picture-fitter.ts';
import type { EncodedPicture, Picture } from '../capture/video-input.ts';
import type { EncoderFacts } from '../statistics/encode-meter.ts';
import { H264Encoder, h264EncoderName } from './h264-encoder.ts';
import { PictureThinner } from './picture-thinner.ts';

/** The pictures that come in, and the rate at the start. */
export type StreamEncoderOptions = {
  width: number;
  height: number;
  fps: number;
  bitrateBps: number;
};

/** What an encoder tells its owner. */
export type StreamEncoderHandlers = {
  /** Says whether the picture was taken; if not, the next one must be a key frame. */
  onPicture: (picture: EncodedPicture) => boolean;
  /** It is open: pictures may come. */
  onReady: () => void;
  /** It is closed; it may be started again. */
  onFailure: (message: string) => void;
};

/** What may change while it runs; absent = as it was. */
export type EncoderParameters = {
  bitrateBps?: number | undefined;
  fps?: number | undefined;
  scale?: number | undefined;
  keepOneIn?: number | undefined;
};

type Size = { width: number; height: number };
type Open = { encoder: H264Encoder; fitter: PictureFitter; size: Size };

/** Rates outside are brought to the nearest one. */
const bitrateRangeBps = { least: 80_000, most: 50_000_000 };
const fpsRange = { least: 1, most: 120 };
/** The key frame with which another size begins shall not be felt on a thin link: it gets this share of the rate. */
const firstPictureShare = 0.6;
/** Least width and height of an encoded picture. */
const minPixels = 32;

/** One encoding of one stream: its size, its rate, its share of the pictures. Another size begins without a gap. */
export class StreamEncoder {
  readonly #options: StreamEncoderOptions;
  readonly #handlers: StreamEncoderHandlers;
  readonly #thinner = new PictureThinner();
  #bitrateBps: number;
  #fps: number;
  #scale = 1;
  #keepOneIn = 1;
  #current: Open | undefined;
  /** Of another size, it takes over with the next picture. */
  #next: Open | undefined;
  #isActive = false;
  #isOpening = false;
  #needsKey = true;

  constructor(options: StreamEncoderOptions, handlers: StreamEncoderHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#bitrateBps = options.bitrateBps;
    this.#fps = options.fps;
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** Pictures a second that are encoded. */
  get fps(): number {
    return this.#fps;
  }

  /** What there is to know of it without looking at pictures. */
  get facts(): EncoderFacts {
    const { leftOut } = this.#thinner;
    return { name: h264EncoderName, size: this.#current?.size, leftOut };
  }

  /** Opens it; what it gives begins with a key frame. */
  start(): void {
    this.#isActive = true;
    this.#needsKey = true;
    void this.#open();
  }

  /** Idempotent. */
  stop(): void {
    this.#isActive = false;
    close(this.#current);
    close(this.#next);
    this.#current = undefined;
    this.#next = undefined;
  }

  /** The next picture becomes a key frame. */
  requestKeyFrame(): void {
    this.#needsKey = true;
  }

  /** Changes them now and for later starts. */
  setParameters({ bitrateBps, fps, scale, keepOneIn }: EncoderParameters): void {
    if (bitrateBps !== undefined) this.#bitrateBps = clamp(bitrateBps, bitrateRangeBps);
    if (fps !== undefined && Number.isFinite(fps)) this.#fps = clamp(fps, fpsRange);
    if (keepOneIn !== undefined) this.#keepOneIn = keepOneIn;
    this.#applyRate(this.#current);
    if (scale === undefined || scale === this.#scale) return;
    this.#scale = scale;
    if (this.#isActive) void this.#open();
  }

  /** Takes one picture of an input that gives `inputFps` a second. */
  handlePicture({ frame, captureTimeUs }: Picture, inputFps: number): void {
    if (!this.#current) return;
    // Whoever waits for a key frame does not wait for a turn, unless nothing at all may leave.
    const keepOneIn = this.#needsKey ? Math.min(1, this.#keepOneIn) : this.#keepOneIn;
    if (!this.#thinner.takes(captureTimeUs, this.#fps, inputFps, keepOneIn)) return;
    const isFirst = this.#takeOver();
    const { encoder, fitter } = this.#current;
    try {
      if (this.#needsKey) encoder.requestKeyFrame();
      const fitted = fitter.fit(frame, captureTimeUs);
      const { data, key } = encoder.encode(fitted.frame);
      if (isFirst) this.#applyRate(this.#current);
      // After a hole nothing decodes until the next key frame.
      this.#needsKey = !this.#handlers.onPicture({ data, key, captureTimeUs });
    } catch (error) {
      this.#fail((error as MediaError).message);
    }
  }

  /** Whether the encoder of another size makes its first picture now. */
  #takeOver(): boolean {
    if (!this.#next) return false;
    close(this.#current);
    this.#current = this.#next;
    this.#next = undefined;
    return true;
  }

  /** Opens until the size is the one wanted; a stop and a start meanwhile take what is being opened. */
  async #open(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      for (let size = this.#missingSize(); size; size = this.#missingSize()) {
        const { fps } = this.#options;
        const bitrateBps = this.#bitrateBps * (this.#current ? firstPictureShare : 1);
        const encoder = await H264Encoder.open({ ...size, fps, bitrateBps });
        this.#adopt({ encoder, fitter: new PictureFitter({ ...size, stamp: false }), size });
      }
    } catch (error) {
      // An encoder of another size goes on.
      if (!this.#current) this.#fail((error as MediaError).message);
    } finally {
      this.#isOpening = false;
    }
  }

  #adopt(open: Open): void {
    if (!this.#isActive || !isSame(open.size, this.#wantedSize())) {
      close(open);
      return;
    }
    if (this.#current) {
      this.#next = open;
      return;
    }
    this.#current = open;
    this.#applyRate(open);
    this.#handlers.onReady();
  }

  /** The size that is wanted and that no encoder has. */
  #missingSize(): Size | undefined {
    if (!this.#isActive) return undefined;
    const wanted = this.#wantedSize();
    if (this.#next && !isSame(this.#next.size, wanted)) {
      close(this.#next);
      this.#next = undefined;
    }
    const newest = this.#next ?? this.#current;
    return newest && isSame(newest.size, wanted) ? undefined : wanted;
  }

  #wantedSize(): Size {
    const { width, height } = this.#options;
    return { width: scaled(width, this.#scale), height: scaled(height, this.#scale) };
  }

  #applyRate(open: Open | undefined): void {
    open?.encoder.setRate({ bitrateBps: this.#bitrateBps, fps: this.#fps });
  }

  #fail(message: string): void {
    this.stop();
    this.#handlers.onFailure(message);
  }
}

function close(open: Open | undefined): void {
  open?.encoder.close();
  open?.fitter.close();
}

function scaled(pixels: number, scale: number): number {
  return scale === 1 ? pixels : Math.max(minPixels, Math.round((pixels * scale) / 2) * 2);
}

function isSame(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

function clamp(value: number, { least, most }: { least: number; most: number }): number {
  return Math.max(least, Math.min(most, value));
}
