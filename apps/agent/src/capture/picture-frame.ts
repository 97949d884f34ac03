import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import type { Planes } from '../simulator/raster.ts';
import { MediaError, MediaErrorCode } from './errors.ts';

/** A 4:2:0 picture with memory of its own. Width and height must be even. */
export function allocatePicture(width: number, height: number): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = AV_PIX_FMT_YUV420P;
  frame.width = width;
  frame.height = height;
  if (frame.allocBuffer() < 0) {
    throw new MediaError(MediaErrorCode.CodecNotOpened, 'no memory for a picture', {
      details: { width, height },
    });
  }
  return frame;
}

/** The planes of a 4:2:0 picture; they are its own memory, not a copy. */
export function planesOf(frame: Frame): Planes {
  const [y, u, v] = frame.data ?? [];
  const [strideY, strideC] = frame.linesize;
  if (!y || !u || !v || !strideY || !strideC) throw new RangeError('a picture without planes');
  return { y, u, v, strideY, strideC, width: frame.width, height: frame.height };
}
