import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';
import { MediaError, MediaErrorCode } from './errors.ts';
import { allocatePicture } from './picture-frame.ts';
import { stampPicture } from './simulator-input.ts';
import type { Picture } from './video-input.ts';

/** Size that is encoded, and whether a stamp is drawn. */
export type PictureFitterOptions = { width: number; height: number; stamp: boolean };

/** Brings decoded pictures to size and pixel format of the encoder, and stamps them when asked to. */
export class PictureFitter {
  readonly #options: PictureFitterOptions;
  #scaler: SoftwareScaleContext | undefined;
  #scalerFor = '';
  #target: Frame | undefined;
  #frameCount = 0;

  constructor(options: PictureFitterOptions) {
    this.#options = options;
  }

  /** The picture as it shall be encoded; the same frame when nothing has to be done. */
  fit(frame: Frame, captureTimeUs: number): Picture {
    const { width, height, stamp } = this.#options;
    const isRight =
      frame.width === width && frame.height === height && frame.format === AV_PIX_FMT_YUV420P;
    if (isRight && !stamp) return { frame, captureTimeUs };
    this.#target ??= allocatePicture(width, height);
    this.#scale(frame, this.#target);
    if (stamp) stampPicture(this.#target, this.#frameCount++, captureTimeUs);
    return { frame: this.#target, captureTimeUs };
  }

  /** Idempotent; it may be used again. */
  close(): void {
    this.#scaler?.freeContext();
    this.#scaler = undefined;
    this.#scalerFor = '';
  }

  #scale(frame: Frame, target: Frame): void {
    const form = `${frame.width}x${frame.height}:${frame.format}`;
    if (this.#scalerFor !== form) {
      this.close();
      this.#scaler = new SoftwareScaleContext();
      const format = frame.format as typeof AV_PIX_FMT_YUV420P;
      const { width, height } = target;
      this.#scaler.getContext(frame.width, frame.height, format, width, height, AV_PIX_FMT_YUV420P);
      this.#scalerFor = form;
    }
    const result = this.#scaler?.scaleFrameSync(target, frame) ?? -1;
    if (result < 0) throw new MediaError(MediaErrorCode.CodecNotOpened, 'scaling failed');
  }
}
