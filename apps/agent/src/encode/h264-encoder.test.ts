import { afterEach, describe, expect, it } from 'vitest';
import { idrUnitType, unitTypesOf } from '../capture/annex-b.ts';
import { PictureDecoder } from '../capture/picture-decoder.ts';
import { allocatePicture, planesOf } from '../capture/picture-frame.ts';
import { H264Encoder } from './h264-encoder.ts';

const width = 640;
const height = 360;
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function encoderAt(bitrateBps: number, fps = 30): Promise<H264Encoder> {
  const encoder = await H264Encoder.open({ width, height, fps, bitrateBps });
  open.push(encoder);
  return encoder;
}

/** Noise that moves: as many bits as the rate control allows. */
function paint(frame: ReturnType<typeof allocatePicture>, i: number): void {
  const { y } = planesOf(frame);
  let state = i * 7919 + 1;
  for (let at = 0; at < y.length; at++) {
    if (at % 4 === 0) state = (state * 1103515245 + 12345) % 2147483648;
    y[at] = 40 + ((state >> 8) & 127);
  }
}

function bytesOf(encoder: H264Encoder, pictures: number): number {
  const frame = allocatePicture(width, height);
  let bytes = 0;
  for (let i = 0; i < pictures; i++) {
    paint(frame, i);
    bytes += encoder.encode(frame).data.length;
  }
  return bytes;
}

describe('H264Encoder', () => {
  it('begins with a constrained baseline key frame and gives one on request only', async () => {
    const encoder = await encoderAt(800_000);
    const frame = allocatePicture(width, height);
    const pictures = [];
    for (let i = 0; i < 60; i++) {
      paint(frame, i);
      if (i === 40) encoder.requestKeyFrame();
      pictures.push(encoder.encode(frame));
    }
    expect(pictures.flatMap(({ key }, i) => (key ? [i] : []))).toEqual([0, 40]);
    for (const i of [0, 40]) {
      const data = pictures[i]?.data ?? Buffer.alloc(0);
      expect(
        unitTypesOf(data)
          .filter((type) => type !== 6)
          .slice(0, 3),
      ).toEqual([7, 8, idrUnitType]);
      // profile_idc 66, constraint_set0 and 1: constrained baseline; level 3.1.
      const sps = data.indexOf(Buffer.from([0, 0, 1, 0x67])) + 4;
      expect(data[sps]).toBe(0x42);
      expect((data[sps + 1] ?? 0) & 0xc0).toBe(0xc0);
      expect(data[sps + 2]).toBe(0x1f);
    }
    expect(unitTypesOf(pictures[20]?.data ?? Buffer.alloc(0))).not.toContain(idrUnitType);
  });

  it('gives a picture out for each one in, at once', async () => {
    const encoder = await encoderAt(800_000);
    const decoder = await PictureDecoder.openH264();
    open.push(decoder);
    const frame = allocatePicture(width, height);
    let decoded = 0;
    for (let i = 1; i <= 20; i++) {
      paint(frame, i);
      decoder.decodeBytes(encoder.encode(frame).data, () => decoded++);
      expect(decoded).toBe(i);
    }
  });

  it('keeps to its bitrate and to another one while it runs, without a key frame', async () => {
    const encoder = await encoderAt(2_000_000);
    const high = bytesOf(encoder, 60);
    encoder.setRate({ bitrateBps: 500_000 });
    bytesOf(encoder, 10);
    const low = bytesOf(encoder, 60);
    expect((high * 8) / 2).toBeLessThan(2_600_000);
    expect((low * 8) / 2).toBeLessThan(700_000);
    expect(low).toBeGreaterThan(high / 10);
  });

  it('bounds a key frame to a few pictures’ worth of its rate', async () => {
    const encoder = await encoderAt(600_000);
    bytesOf(encoder, 40);
    const frame = allocatePicture(width, height);
    for (let round = 0; round < 3; round++) {
      encoder.requestKeyFrame();
      paint(frame, round);
      const { data, key } = encoder.encode(frame);
      expect(key).toBe(true);
      expect(data.length).toBeLessThan((3.5 * 600_000) / 8 / 30);
      bytesOf(encoder, 20);
    }
  });

  it('gives each picture more bits when there are fewer of them', async () => {
    const encoder = await encoderAt(1_000_000);
    const atThirty = bytesOf(encoder, 45);
    encoder.setRate({ fps: 15 });
    bytesOf(encoder, 10);
    expect(bytesOf(encoder, 45)).toBeGreaterThan(atThirty * 1.4);
  });

  it('refuses what cannot be encoded with a MediaError', async () => {
    const impossible = { width: 0, height: 0, fps: 30, bitrateBps: 1000 };
    await expect(H264Encoder.open(impossible)).rejects.toMatchObject({ name: 'MediaError' });
  });
});
