import { OpusDecoder } from './opus-codec.ts';
import type { VoiceOutput } from './voice-output.ts';

/** Decodes the operator's voice and plays it. The decoder opens with the first packet. */
export class VoiceTrack {
  readonly #output: VoiceOutput;
  #decoder: OpusDecoder | undefined;
  #isOpening = false;
  #isClosed = false;

  constructor(output: VoiceOutput) {
    this.#output = output;
  }

  /** Loudness of the last packet, 0 to 1. */
  get level(): number {
    return this.#output.level;
  }

  /** Takes one Opus packet; those that come while the decoder opens are lost (some ms). */
  handlePacket(data: Uint8Array): void {
    if (!this.#decoder) {
      void this.#open();
      return;
    }
    const samples = this.#decoder.decode(data);
    if (samples) this.#output.play(samples);
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#output.close();
  }

  async #open(): Promise<void> {
    if (this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    try {
      const decoder = await OpusDecoder.open();
      if (this.#isClosed) decoder.close();
      else this.#decoder = decoder;
    } catch {
      // Without a decoder there is no voice; the next packet tries again.
    } finally {
      this.#isOpening = false;
    }
  }
}
