import type { Clock } from '@longreach/kit';
import type { MediaError } from '../capture/errors.ts';
import type {
  EncodedPicture,
  Picture,
  VideoInput,
  VideoInputHandlers,
  VideoInputState,
} from '../capture/video-input.ts';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { H264Encoder } from './h264-encoder.ts';

/** Options of one stream's video. */
export type VideoTrackOptions = {
  streamId: number;
  /** What is encoded; an input that is forwarded as it came leaves the encoder closed. */
  encoding: { width: number; height: number; fps: number; bitrateBps: number } | 'forwarded';
  createInput: (handlers: VideoInputHandlers) => VideoInput;
  clock: Clock;
};

/** What a track tells its owner. */
export type VideoTrackHandlers = {
  /** Says whether the frame was taken; if not, the next one must be a key frame. */
  onFrame: (frame: EncodedFrame) => boolean;
  onState: (state: VideoInputState, message: string) => void;
};

/** Rates outside are brought to the nearest one. */
const bitrateRangeBps = { least: 100_000, most: 50_000_000 };
const fpsRange = { least: 1, most: 120 };

/** One stream's input and encoder. Nothing is drawn, read or encoded while nobody wants it. */
export class VideoTrack {
  readonly #options: VideoTrackOptions;
  readonly #handlers: VideoTrackHandlers;
  readonly #input: VideoInput;
  #bitrateBps: number | undefined;
  #fps: number | undefined;
  #encoder: H264Encoder | undefined;
  #isActive = false;
  #isOpening = false;
  #needsKey = true;

  constructor(options: VideoTrackOptions, handlers: VideoTrackHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#input = options.createInput({
      onPicture: (picture) => this.#handlePicture(picture),
      onEncodedPicture: (picture) => this.#handleEncoded(picture),
      onState: (state, message) => this.#handleState(state, message),
    });
  }

  /** Starts or stops the track; what starts begins with a key frame. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isActive) {
      if (isActive) this.requestKeyFrame();
      return;
    }
    this.#isActive = isActive;
    if (isActive) this.#start();
    else this.#stop();
  }

  /** The next frame becomes a key frame (for a forwarded input: nothing else passes before one). */
  requestKeyFrame(): void {
    this.#encoder?.requestKeyFrame();
  }

  /** Changes bitrate and frame rate now and for later starts. */
  setParameters(parameters: { bitrateBps?: number | undefined; fps?: number | undefined }): void {
    if (parameters.bitrateBps !== undefined) {
      const { least, most } = bitrateRangeBps;
      this.#bitrateBps = Math.max(least, Math.min(most, parameters.bitrateBps));
    }
    if (parameters.fps !== undefined && Number.isFinite(parameters.fps)) {
      this.#fps = Math.max(fpsRange.least, Math.min(fpsRange.most, parameters.fps));
      this.#input.setFps(this.#fps);
    }
    this.#encoder?.setRate({ bitrateBps: this.#bitrateBps, fps: this.#fps });
  }

  /** Idempotent. */
  close(): void {
    this.#isActive = false;
    this.#stop();
  }

  #start(): void {
    this.#needsKey = true;
    if (this.#options.encoding === 'forwarded') this.#input.start();
    else void this.#openEncoder(this.#options.encoding);
  }

  #stop(): void {
    this.#input.stop();
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#handlers.onState('closed', '');
  }

  async #openEncoder(encoding: Exclude<VideoTrackOptions['encoding'], 'forwarded'>): Promise<void> {
    // A stop and a start while it opens: the one that opens is taken.
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      const encoder = await H264Encoder.open(encoding);
      if (!this.#isActive) {
        encoder.close();
        return;
      }
      encoder.setRate({ bitrateBps: this.#bitrateBps, fps: this.#fps });
      this.#encoder = encoder;
      this.#input.start();
    } catch (error) {
      this.#fail((error as MediaError).message);
    } finally {
      this.#isOpening = false;
    }
  }

  #handleState(state: VideoInputState, message: string): void {
    if (state === 'failed') {
      this.#fail(message);
      return;
    }
    // What was forwarded before a break does not carry what comes after it.
    if (state === 'running') this.#needsKey = true;
    this.#handlers.onState(state, message);
  }

  #handlePicture(picture: Picture): void {
    if (!this.#encoder) return;
    if (this.#needsKey) this.#encoder.requestKeyFrame();
    try {
      const { data, key } = this.#encoder.encode(picture.frame);
      this.#deliver({ data, key, captureTimeUs: picture.captureTimeUs });
    } catch (error) {
      this.#fail((error as MediaError).message);
    }
  }

  #handleEncoded(picture: EncodedPicture): void {
    if (this.#needsKey && !picture.key) return;
    this.#deliver(picture);
  }

  #deliver(picture: EncodedPicture): void {
    const wasTaken = this.#handlers.onFrame({
      streamId: this.#options.streamId,
      mediaType: 'video',
      key: picture.key,
      captureTimeUs: picture.captureTimeUs,
      encodedTimeUs: this.#options.clock.nowUs(),
      data: picture.data,
    });
    // After a hole nothing decodes until the next key frame.
    this.#needsKey = !wasTaken;
  }

  /** This stream ends until it is asked for again; the others do not notice. */
  #fail(message: string): void {
    this.#isActive = false;
    this.#input.stop();
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#handlers.onState('failed', message);
  }
}
