import type { AutoplayCode, StreamInfo } from '@longreach/protocol';
import { AudioOutput } from '../player/audio-output.ts';

/** The machine's sound: which stream's, and playing it. */
export class MachineSound {
  readonly #streams: readonly StreamInfo[];
  readonly #isWanted: boolean;
  readonly #output: AudioOutput;

  /** `streams` is the machine's list, which may change; `isWanted`: whether it is heard at all. */
  constructor(
    streams: readonly StreamInfo[],
    isWanted: boolean,
    onAutoplay: (streamId: number, code: AutoplayCode, message: string) => void,
  ) {
    this.#streams = streams;
    this.#isWanted = isWanted;
    this.#output = new AudioOutput((code, message) => {
      if (this.streamId !== undefined) onAutoplay(this.streamId, code, message);
    });
  }

  /** Whose sound is wanted; undefined = none. */
  get streamId(): number | undefined {
    if (!this.#isWanted) return undefined;
    return this.#streams.find(({ mediaTypes }) => mediaTypes.includes('audio'))?.streamId;
  }

  /** Plays `stream` from now on. */
  show(stream: MediaStream): void {
    this.#output.show(stream);
  }

  setMuted(muted: boolean): void {
    this.#output.setMuted(muted);
  }

  /** Idempotent. */
  close(): void {
    this.#output.close();
  }
}
