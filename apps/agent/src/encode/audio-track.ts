import type { Clock } from '@longreach/kit';
import { FramePacer } from '../capture/frame-pacer.ts';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { EngineSound, type EngineState, sampleRate } from './engine-sound.ts';
import { OpusEncoder, opusFrameSamples } from './opus-codec.ts';

/** Options of the machine's sound. */
export type AudioTrackOptions = {
  clock: Clock;
  /** What the engine does now. */
  engine: () => EngineState;
  onFrame: (frame: EncodedFrame) => void;
  onFailure: (error: unknown) => void;
};

/** The machine's sound: one encoder, whatever the number of streams under which it is wanted. */
export class AudioTrack {
  readonly #options: AudioTrackOptions;
  readonly #sound = new EngineSound();
  readonly #samples = new Float32Array(opusFrameSamples);
  readonly #streamIds = new Set<number>();
  readonly #pacer: FramePacer;
  #encoder: OpusEncoder | undefined;
  #isOpening = false;

  constructor(options: AudioTrackOptions) {
    this.#options = options;
    const fps = sampleRate / opusFrameSamples;
    this.#pacer = new FramePacer(options.clock, { fps, phase: 0 }, () => this.#take());
  }

  /** Starts or stops it for one stream id. */
  setActive(streamId: number, isActive: boolean): void {
    if (isActive) this.#streamIds.add(streamId);
    else this.#streamIds.delete(streamId);
    if (this.#streamIds.size === 0) this.close();
    else void this.#open();
  }

  /** Idempotent. */
  close(): void {
    this.#streamIds.clear();
    this.#pacer.stop();
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  async #open(): Promise<void> {
    if (this.#encoder || this.#isOpening) return;
    this.#isOpening = true;
    try {
      const encoder = await OpusEncoder.open();
      if (this.#streamIds.size === 0) {
        encoder.close();
        return;
      }
      this.#encoder = encoder;
      this.#pacer.start();
    } catch (error) {
      this.#options.onFailure(error);
    } finally {
      this.#isOpening = false;
    }
  }

  #take(): void {
    const { clock, engine, onFrame } = this.#options;
    // The first of these samples sounds now: that is when they were "recorded".
    const captureTimeUs = clock.nowUs();
    this.#sound.render(this.#samples, engine());
    const data = this.#encoder?.encode(this.#samples);
    if (!data) return;
    const encodedTimeUs = clock.nowUs();
    for (const streamId of this.#streamIds) {
      onFrame({ streamId, mediaType: 'audio', key: true, captureTimeUs, encodedTimeUs, data });
    }
  }
}
