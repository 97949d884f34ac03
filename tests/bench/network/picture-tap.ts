import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import type { allocatePicture } from '../../../apps/agent/src/capture/picture-frame.ts';
import { encodedListPath } from './encoded-list.ts';
import { sampleEvery, sourcePath } from './picture-sample.ts';

type Frame = ReturnType<typeof allocatePicture>;

/** Sources kept for pictures that did not show yet; those before are removed. */
const maxSources = 20;
const frontStreamId = 0;
const writePeriodMs = 500;

/** In the media process: writes down the luma of every 45th picture before it is encoded, and the size of each encoded one. */
export async function tapPictures(folder: string): Promise<void> {
  await tapSources(folder);
  await tapEncoded(folder);
}

/** The camera draws into one picture that it makes at its first: the first that is allocated while it draws. */
async function tapSources(into: string): Promise<void> {
  const { SimulatorInput } = await import('../../../apps/agent/src/capture/simulator-input.ts');
  const { allocatePicture, planesOf } = await import(
    '../../../apps/agent/src/capture/picture-frame.ts'
  );
  const { readStamp, stampGeometryOf } = await import('../../../apps/agent/src/capture/stamp.ts');
  const pictures = new WeakMap<object, Frame>();
  const kept: string[] = [];
  let drawing: object | undefined;

  const probe = allocatePicture(16, 16);
  const framePrototype = Object.getPrototypeOf(probe) as Frame;
  probe.free();
  const { allocBuffer } = framePrototype;
  framePrototype.allocBuffer = function () {
    if (drawing && !pictures.has(drawing)) pictures.set(drawing, this);
    return allocBuffer.call(this);
  };

  const keep = (frame: Frame): void => {
    const { y, strideY, width, height } = planesOf(frame);
    const stamp = readStamp(
      (column, row) => y[row * strideY + column] as number,
      stampGeometryOf(width),
    );
    if (!stamp || stamp.frame % sampleEvery !== 0) return;
    const luma = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      luma.set(y.subarray(row * strideY, row * strideY + width), row * width);
    }
    const path = sourcePath(into, stamp.frame);
    writeFileSync(path, luma);
    kept.push(path);
    if (kept.length > maxSources) rmSync(kept.shift() as string, { force: true });
  };

  const { takeOne } = SimulatorInput.prototype;
  SimulatorInput.prototype.takeOne = function () {
    drawing = this;
    try {
      takeOne.call(this);
    } finally {
      drawing = undefined;
    }
    const frame = pictures.get(this);
    if (frame) keep(frame);
  };
}

async function tapEncoded(into: string): Promise<void> {
  const { MediaSocket } = await import('../../../apps/agent/src/encode/media-socket.ts');
  const { sendFrame } = MediaSocket.prototype;
  let lines = '';
  MediaSocket.prototype.sendFrame = function (frame) {
    const { streamId, mediaType, captureTimeUs, key, data } = frame;
    if (streamId === frontStreamId && mediaType === 'video') {
      lines += `${JSON.stringify({ captureTimeUs, bytes: data.length, key })}\n`;
    }
    return sendFrame.call(this, frame);
  };
  setInterval(() => {
    appendFileSync(encodedListPath(into), lines);
    lines = '';
  }, writePeriodMs).unref();
}
