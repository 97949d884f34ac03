import type { Clock } from '@longreach/kit';
import type { Frame } from 'node-av/lib';
import { Demuxer } from './demuxer.ts';
import { FramePacer } from './frame-pacer.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { PictureFitter } from './picture-fitter.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** Options of a file that plays as a camera. */
export type FileInputOptions = {
  path: string;
  /** What is encoded. */
  width: number;
  height: number;
  fps: number;
  stamp: boolean;
  clock: Clock;
};

/** Pictures skipped at most for one that is shown: a file of a far higher rate must not stall the process. */
const maxSkipped = 4;

type Opened = { demuxer: Demuxer; decoder: PictureDecoder; perTick: number };

/** A file in an endless loop, at its own speed, one picture per deadline. */
export class FileInput implements VideoInput {
  readonly #options: FileInputOptions;
  readonly #handlers: VideoInputHandlers;
  readonly #pacer: FramePacer;
  readonly #fitter: PictureFitter;
  #opened: Opened | undefined;
  #fps: number;
  #run = 0;
  /** Pictures of the file that should have been decoded by now, less those that were. */
  #owed = 1;

  constructor(options: FileInputOptions, handlers: VideoInputHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#fps = options.fps;
    this.#fitter = new PictureFitter(options);
    this.#pacer = new FramePacer(options.clock, { fps: options.fps, phase: 0.125 }, () =>
      this.#take(),
    );
  }

  start(): void {
    void this.#open(++this.#run);
  }

  stop(): void {
    this.#run++;
    this.#pacer.stop();
    this.#opened?.decoder.close();
    this.#opened?.demuxer.close();
    this.#opened = undefined;
    this.#fitter.close();
  }

  setFps(fps: number): void {
    this.#fps = fps;
    this.#pacer.setFps(fps);
  }

  get missedPictures(): number {
    return this.#pacer.missed;
  }

  async #open(run: number): Promise<void> {
    this.#handlers.onState('opening', '');
    try {
      const demuxer = await Demuxer.open({
        url: this.#options.path,
        isLive: false,
        options: {},
      });
      const decoder = await PictureDecoder.open(demuxer.stream.codecpar);
      if (run !== this.#run) {
        decoder.close();
        demuxer.close();
        return;
      }
      this.#opened = { demuxer, decoder, perTick: demuxer.fps };
      this.#owed = 1;
      this.#handlers.onState('running', '');
      this.#pacer.start();
    } catch (error) {
      if (run === this.#run) this.#handlers.onState('failed', (error as Error).message);
    }
  }

  #take(): void {
    const captureTimeUs = this.#options.clock.nowUs();
    const opened = this.#opened;
    if (!opened) return;
    try {
      while (this.#owed >= 1 && this.#opened) {
        this.#owed -= 1;
        const isShown = this.#owed < 1;
        this.#decodeNext(opened, (frame) => {
          if (isShown) this.#handlers.onPicture(this.#fitter.fit(frame, captureTimeUs));
        });
      }
      this.#owed += Math.min(maxSkipped, opened.perTick > 0 ? opened.perTick / this.#fps : 1);
    } catch (error) {
      this.stop();
      this.#handlers.onState('failed', (error as Error).message);
    }
  }

  /** Decodes packets until one gives a picture; at the end of the file it goes back to the beginning. */
  #decodeNext({ demuxer, decoder }: Opened, onFrame: (frame: Frame) => void): void {
    let isDone = false;
    let rewinds = 0;
    while (!isDone && rewinds < 2) {
      const packet = demuxer.readSync();
      if (packet) {
        decoder.decode(packet, (frame) => {
          isDone = true;
          onFrame(frame);
        });
      } else {
        rewinds++;
        decoder.flush();
        if (!demuxer.rewind()) throw new Error('the file cannot be played again');
      }
    }
    if (!isDone) throw new Error('the file has no pictures');
  }
}
