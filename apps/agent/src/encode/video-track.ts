import type { Clock } from '@longreach/kit';
import type { Encoding } from '@longreach/protocol';
import type {
  EncodedPicture,
  Picture,
  VideoInput,
  VideoInputHandlers,
  VideoInputState,
} from '../capture/video-input.ts';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import type { MediaStreamStats } from '../statistics/media-stats.ts';
import { type RunningEncoding, StreamMeter } from '../statistics/stream-meter.ts';
import { type EncoderParameters, StreamEncoder } from './stream-encoder.ts';

/** Options of one stream's video. */
export type VideoTrackOptions = {
  streamId: number;
  /** What is encoded; an input that is forwarded as it came has no encoders. */
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

/** The small encoding before it is told otherwise. */
const smallDefaults = { scale: 0.5, bitrateBps: 400_000 };

/** What comes encoded already. */
const forwarded: RunningEncoding = {
  encoding: 'main',
  facts: { name: 'forwarded', leftOut: { forRate: 0, forHold: 0 } },
};

/** One stream's input and its encoders. Nothing is drawn, read or encoded while nobody wants it. */
export class VideoTrack {
  readonly #options: VideoTrackOptions;
  readonly #handlers: VideoTrackHandlers;
  readonly #input: VideoInput;
  /** None when the input is forwarded as it comes. */
  readonly #encoders: ReadonlyMap<Encoding, StreamEncoder>;
  readonly #meter = new StreamMeter();
  #inputFps: number;
  #isInputRunning = false;
  #isForwarding = false;
  #needsKey = true;

  constructor(options: VideoTrackOptions, handlers: VideoTrackHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#input = options.createInput({
      onPicture: (picture) => this.#handlePicture(picture),
      onEncodedPicture: (picture) => this.#handleEncoded(picture),
      onState: (state, message) => this.#handleState(state, message),
    });
    this.#encoders = this.#createEncoders();
    this.#inputFps = options.encoding === 'forwarded' ? 0 : options.encoding.fps;
  }

  /** Starts or stops one encoding; what starts begins with a key frame. */
  setActive(isActive: boolean, encoding: Encoding = 'main'): void {
    if (this.#options.encoding === 'forwarded') {
      if (encoding === 'main') this.#forward(isActive);
      return;
    }
    const encoder = this.#encoders.get(encoding);
    if (!encoder) return;
    if (isActive && encoder.isActive) encoder.requestKeyFrame();
    else if (isActive) {
      this.#meter.startEncoding(this.#nowUs, { encoding, facts: encoder.facts });
      encoder.start();
    } else if (encoder.isActive) {
      encoder.stop();
      this.#followEncoders();
    }
  }

  /** The next frame of an encoding becomes a key frame; what is forwarded comes as it comes. */
  requestKeyFrame(encoding: Encoding = 'main'): void {
    this.#encoders.get(encoding)?.requestKeyFrame();
  }

  /** Changes how an encoding is made, now and for later starts. */
  setParameters(parameters: EncoderParameters, encoding: Encoding = 'main'): void {
    this.#encoders.get(encoding)?.setParameters(parameters);
    if (this.#isInputRunning) this.#followEncoders();
  }

  /** What it did since the last call. */
  takeStats(): MediaStreamStats {
    return this.#meter.take(this.#nowUs, {
      streamId: this.#options.streamId,
      targetFps: this.#inputFps,
      input: this.#input,
      encodings: this.#runningEncodings(),
    });
  }

  /** Idempotent. */
  close(): void {
    this.#isForwarding = false;
    for (const encoder of this.#encoders.values()) encoder.stop();
    this.#stopInput();
  }

  #createEncoders(): ReadonlyMap<Encoding, StreamEncoder> {
    const { encoding } = this.#options;
    if (encoding === 'forwarded') return new Map();
    const create = (name: Encoding) =>
      new StreamEncoder(encoding, {
        onPicture: (picture) => this.#deliver(picture, name),
        onReady: () => this.#followEncoders(),
        onFailure: (message) => this.#handleFailure(message),
      });
    const small = create('small');
    small.setParameters(smallDefaults);
    return new Map([
      ['main', create('main')],
      ['small', small],
    ]);
  }

  get #nowUs(): number {
    return this.#options.clock.nowUs();
  }

  #runningEncodings(): RunningEncoding[] {
    if (this.#isForwarding) return [forwarded];
    return [...this.#encoders].flatMap(([encoding, encoder]) =>
      encoder.isActive ? [{ encoding, facts: encoder.facts }] : [],
    );
  }

  #forward(isActive: boolean): void {
    if (isActive === this.#isForwarding) return;
    this.#isForwarding = isActive;
    this.#needsKey = true;
    if (isActive) this.#meter.startEncoding(this.#nowUs, forwarded);
    if (isActive) this.#startInput();
    else this.#stopInput();
  }

  /** The input runs as long as an encoder does, at the rate of the one that wants most. */
  #followEncoders(): void {
    const active = [...this.#encoders.values()].filter(({ isActive }) => isActive);
    if (active.length === 0) {
      this.#stopInput();
      return;
    }
    const fps = Math.max(...active.map((encoder) => encoder.fps));
    if (fps !== this.#inputFps) {
      this.#inputFps = fps;
      this.#input.setFps(fps);
    }
    this.#startInput();
  }

  #startInput(): void {
    if (this.#isInputRunning) return;
    this.#isInputRunning = true;
    this.#meter.startInput(this.#nowUs, this.#input);
    this.#input.start();
  }

  #stopInput(): void {
    if (!this.#isInputRunning) return;
    this.#isInputRunning = false;
    this.#meter.stopInput();
    this.#input.stop();
    this.#handlers.onState('closed', '');
  }

  #handleState(state: VideoInputState, message: string): void {
    if (state === 'failed') {
      this.#fail(message);
      return;
    }
    // What was forwarded before a break does not carry what comes after it.
    if (state === 'running') {
      this.#needsKey = true;
      for (const encoder of this.#encoders.values()) encoder.requestKeyFrame();
    }
    this.#handlers.onState(state, message);
  }

  #handlePicture(picture: Picture): void {
    this.#meter.handlePicture(picture.captureTimeUs, this.#nowUs);
    for (const encoder of this.#encoders.values()) {
      if (!encoder.isActive) continue;
      this.#meter.beginEncoding(this.#nowUs);
      encoder.handlePicture(picture, this.#inputFps);
    }
  }

  #handleEncoded(picture: EncodedPicture): void {
    this.#meter.handlePicture(picture.captureTimeUs, this.#nowUs);
    if (this.#needsKey && !picture.key) return;
    // After a hole nothing decodes until the next key frame.
    this.#needsKey = !this.#deliver(picture, 'main');
  }

  #deliver(picture: EncodedPicture, encoding: Encoding): boolean {
    const { key, captureTimeUs, data } = picture;
    const encodedTimeUs = this.#nowUs;
    const isTaken = this.#handlers.onFrame({
      streamId: this.#options.streamId,
      mediaType: 'video',
      ...(encoding === 'main' ? {} : { encoding }),
      key,
      captureTimeUs,
      encodedTimeUs,
      data,
    });
    this.#meter.handleEncoded(encoding, { bytes: data.length, key, isTaken }, encodedTimeUs);
    return isTaken;
  }

  /** One encoder broke; another one goes on. */
  #handleFailure(message: string): void {
    const isLast = ![...this.#encoders.values()].some(({ isActive }) => isActive);
    if (isLast) this.#fail(message);
  }

  /** This stream ends until it is asked for again; the others do not notice. */
  #fail(message: string): void {
    this.#isForwarding = false;
    for (const encoder of this.#encoders.values()) encoder.stop();
    this.#isInputRunning = false;
    this.#meter.stopInput();
    this.#input.stop();
    this.#handlers.onState('failed', message);
  }
}
