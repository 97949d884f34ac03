import type { VideoInput, VideoInputHandlers, VideoInputState } from '../video-input.ts';

/** What a test sees of one picture. */
export type SeenPicture = {
  captureTimeUs: number;
  width: number;
  height: number;
  /** First luma sample. */
  luma: number;
};

/** Runs an input and keeps what it tells. */
export class RecordedInput {
  readonly input: VideoInput;
  readonly pictures: SeenPicture[] = [];
  readonly encoded: { data: Uint8Array; key: boolean; captureTimeUs: number }[] = [];
  readonly states: VideoInputState[] = [];
  #wake = () => {};

  constructor(create: (handlers: VideoInputHandlers) => VideoInput) {
    this.input = create({
      onPicture: ({ frame, captureTimeUs }) => {
        const { width, height } = frame;
        const luma = frame.data?.[0]?.[0] ?? -1;
        this.pictures.push({ captureTimeUs, width, height, luma });
        this.#wake();
      },
      onEncodedPicture: (picture) => {
        this.encoded.push(picture);
        this.#wake();
      },
      onState: (state) => {
        this.states.push(state);
        this.#wake();
      },
    });
  }

  /** Waits until what was told fulfils the condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
