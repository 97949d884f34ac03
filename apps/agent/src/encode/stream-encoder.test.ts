import { afterEach, describe, expect, it } from 'vitest';
import { PictureDecoder } from '../capture/picture-decoder.ts';
import { allocatePicture, planesOf } from '../capture/picture-frame.ts';
import type { EncodedPicture } from '../capture/video-input.ts';
import { StreamEncoder } from './stream-encoder.ts';

const options = { width: 640, height: 360, fps: 30, bitrateBps: 800_000 };
const picture = allocatePicture(options.width, options.height);
let encoder: StreamEncoder | undefined;
let timeUs = 1e9;

afterEach(() => encoder?.stop());

/** An encoder that is open, and what it gave. */
async function start() {
  const given: EncodedPicture[] = [];
  const failures: string[] = [];
  await new Promise<void>((resolve) => {
    encoder = new StreamEncoder(options, {
      onPicture: (one) => given.push(one) > 0,
      onReady: resolve,
      onFailure: (message) => failures.push(message),
    });
    encoder.start();
  });
  return { encoder: encoder as StreamEncoder, given, failures };
}

/** Gives it the next picture. */
function take(target: StreamEncoder): void {
  timeUs += 33_333;
  const { y } = planesOf(picture);
  for (let at = 0; at < y.length; at++) y[at] = 40 + ((at * 31 + timeUs / 1000) & 127);
  target.handlePicture({ frame: picture, captureTimeUs: timeUs }, 30);
}

async function sizesOf(pictures: readonly EncodedPicture[]): Promise<string[]> {
  const decoder = await PictureDecoder.openH264();
  const sizes: string[] = [];
  for (const { data } of pictures) {
    decoder.decodeBytes(Buffer.from(data), (frame) => sizes.push(`${frame.width}x${frame.height}`));
  }
  decoder.close();
  return sizes;
}

describe('StreamEncoder', () => {
  it('goes over to another size with a key frame, without leaving a picture out, and back', async () => {
    const { encoder, given } = await start();
    let taken = 0;
    const untilKeys = async (keys: number) => {
      await expect
        .poll(() => {
          take(encoder);
          taken += 1;
          return given.filter(({ key }) => key).length;
        })
        .toBe(keys);
    };
    take(encoder);
    encoder.setParameters({ scale: 0.375 });
    await untilKeys(2);
    encoder.setParameters({ scale: 1 });
    await untilKeys(3);
    expect(given).toHaveLength(taken + 1);
    const sizes = await sizesOf(given);
    const firsts = sizes.filter((_, i) => given[i]?.key);
    expect(firsts).toEqual(['640x360', '240x136', '640x360']);
    expect(new Set(sizes)).toEqual(new Set(['640x360', '240x136']));
  });

  it('takes the size wanted last when several are asked for in a row', async () => {
    const { encoder, given } = await start();
    for (const scale of [0.75, 0.5, 0.375, 0.5]) encoder.setParameters({ scale });
    await expect
      .poll(() => {
        take(encoder);
        return given.filter(({ key }) => key).length;
      })
      .toBeGreaterThan(1);
    take(encoder);
    expect((await sizesOf(given)).at(-1)).toBe('320x180');
  });

  it('leaves pictures out, but lets nobody wait for a key frame', async () => {
    const { encoder, given } = await start();
    for (let i = 0; i < 3; i++) take(encoder);
    encoder.setParameters({ keepOneIn: 3 });
    for (let i = 0; i < 9; i++) take(encoder);
    expect(given).toHaveLength(6);
    encoder.requestKeyFrame();
    take(encoder);
    expect(given.at(-1)?.key).toBe(true);
    expect(given).toHaveLength(7);
    encoder.setParameters({ keepOneIn: 0 });
    encoder.requestKeyFrame();
    for (let i = 0; i < 9; i++) take(encoder);
    expect(given).toHaveLength(7);
    encoder.setParameters({ keepOneIn: 1 });
    take(encoder);
    expect(given.at(-1)?.key).toBe(true);
  });
});
