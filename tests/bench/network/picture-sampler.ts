import { readFileSync, rmSync } from 'node:fs';
import { stampGeometryOf } from '../../../apps/agent/src/capture/stamp.ts';
import type { Framebuffer } from '../latency/framebuffer.ts';
import {
  type PictureSample,
  type SampleOptions,
  sampleEvery,
  sourcePath,
} from './picture-sample.ts';
import { psnrOf } from './psnr.ts';

/** The lines below the stamp may come later than it: a picture is looked at again until it stands still, µs. */
const lookUs = 6000;

type Due = { frame: number; atUs: number; wasSeen: boolean };

/** Compares every 45th picture that shows with its source. */
export class PictureSampler {
  readonly #framebuffer: Framebuffer;
  readonly #options: SampleOptions;
  #pixels: Uint8Array;
  #before: Uint8Array;
  #due: Due | undefined;

  constructor(framebuffer: Framebuffer, options: SampleOptions) {
    this.#framebuffer = framebuffer;
    this.#options = options;
    this.#pixels = new Uint8Array(framebuffer.layout.bytesPerLine * options.height);
    this.#before = new Uint8Array(this.#pixels.length);
  }

  /** A new picture shows; one that was looked at is given up. */
  handleSighting(frame: number, seenUs: number): void {
    const isSample = frame % sampleEvery === 0;
    this.#due = isSample ? { frame, atUs: seenUs + lookUs, wasSeen: false } : undefined;
  }

  /** Compares what is due and stands still. Takes some milliseconds. */
  takeDue(nowUs: number): PictureSample | undefined {
    const due = this.#due;
    if (!due || nowUs < due.atUs) return undefined;
    [this.#pixels, this.#before] = [this.#before, this.#pixels];
    this.#framebuffer.readLine(0, this.#pixels);
    if (!due.wasSeen || Buffer.compare(this.#pixels, this.#before) !== 0) {
      this.#due = { frame: due.frame, atUs: nowUs + lookUs, wasSeen: true };
      return undefined;
    }
    this.#due = undefined;
    return this.#compare(due.frame);
  }

  #compare(frame: number): PictureSample | undefined {
    const { folder, width, height } = this.#options;
    const luma = takeFile(sourcePath(folder, frame));
    if (luma?.length !== width * height) return undefined;
    const { bytesPerPixel, bytesPerLine } = this.#framebuffer.layout;
    const firstLine = Math.ceil(stampGeometryOf(width).blockSize);
    const shown = { pixels: this.#pixels, bytesPerPixel, bytesPerLine };
    return { frame, psnrDb: psnrOf(shown, { luma, width, height, firstLine }) };
  }
}

/** A file's content; the file is gone afterwards. */
function takeFile(path: string): Uint8Array | undefined {
  try {
    const content = readFileSync(path);
    rmSync(path);
    return content;
  } catch {
    // A picture from before the tap began, or one whose source had to make room.
    return undefined;
  }
}
