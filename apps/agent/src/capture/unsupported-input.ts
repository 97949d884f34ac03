import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** Stands for a kind of input that is not supported yet: it fails when it is started. */
export class UnsupportedInput implements VideoInput {
  readonly #handlers: VideoInputHandlers;

  constructor(handlers: VideoInputHandlers) {
    this.#handlers = handlers;
  }

  start(): void {
    this.#handlers.onState('failed', 'this kind of input is not supported yet');
  }

  stop(): void {}

  setFps(): void {}
}
