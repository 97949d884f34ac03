import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { H264Encoder } from '../encode/h264-encoder.ts';
import { createCourse } from '../simulator/course.ts';
import { Renderer } from '../simulator/renderer.ts';
import { cameraMounts } from '../simulator/view.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { allocatePicture, planesOf } from './picture-frame.ts';
import { stampPicture } from './simulator-input.ts';
import {
  drawStamp,
  readStamp,
  type Stamp,
  stampClockDeltaMs,
  stampClockOf,
  stampGeometryOf,
} from './stamp.ts';

const anyStamp = fc.record({
  frame: fc.integer({ min: 0, max: 0xffffff }),
  clock: fc.integer({ min: 0, max: 0xffffffff }),
});

function plane(width: number, height: number): { data: Uint8Array; at: Luma } {
  const data = new Uint8Array(width * height).fill(90);
  return { data, at: (x, y) => data[y * width + x] ?? 0 };
}
type Luma = (x: number, y: number) => number;

describe('stamp', () => {
  it('reads back whatever was drawn, in one row or two', () => {
    fc.assert(
      fc.property(anyStamp, fc.constantFrom(40, 80), (stamp, columns) => {
        const { data, at } = plane(640, 32);
        const geometry = { ...stampGeometryOf(640), columns };
        drawStamp(data, 640, stamp, geometry);
        expect(readStamp(at, geometry)).toEqual(stamp);
      }),
    );
  });

  it('finds nothing in a picture without one, and nothing when a block was changed', () => {
    fc.assert(
      fc.property(anyStamp, fc.integer({ min: 4, max: 67 }), (stamp, block) => {
        const { data, at } = plane(640, 8);
        const geometry = stampGeometryOf(640);
        expect(readStamp(at, geometry)).toBeUndefined();
        drawStamp(data, 640, stamp, geometry);
        const flipped: Luma = (x, y) => (Math.floor(x / 8) === block ? 251 - at(x, y) : at(x, y));
        expect(readStamp(flipped, geometry)).toBeUndefined();
      }),
    );
  });

  it('gives differences of the clock across its wrap', () => {
    expect(stampClockDeltaMs(stampClockOf(1_000_000), stampClockOf(1_033_400))).toBeCloseTo(33.4);
    expect(stampClockDeltaMs(2 ** 32 - 10, 20)).toBeCloseTo(3);
  });

  it('survives H.264 at 1 Mbit/s in a moving 720p picture, at full size and half', async () => {
    const stamps: Stamp[] = [];
    const [full, half] = await roundTrip(1280, 720, stamps);
    expect(full).toEqual(stamps);
    expect(half).toEqual(stamps);
  });

  it('survives 300 kbit/s at 640 by 360', async () => {
    const stamps: Stamp[] = [];
    const [full] = await roundTrip(640, 360, stamps, 300_000);
    expect(full).toEqual(stamps);
  });
});

/** Encodes a drive of the vehicle and reads the stamps of the decoded pictures, at full size and downscaled by two. */
async function roundTrip(
  width: number,
  height: number,
  stamps: Stamp[],
  bitrateBps = 1_000_000,
): Promise<[(Stamp | undefined)[], (Stamp | undefined)[]]> {
  const encoder = await H264Encoder.open({ width, height, fps: 30, bitrateBps });
  const decoder = await PictureDecoder.openH264();
  const frame = allocatePicture(width, height);
  const course = createCourse();
  const mount = cameraMounts[0];
  if (!mount) throw new Error('no camera');
  const renderer = new Renderer(mount, course, planesOf(frame));
  const full: (Stamp | undefined)[] = [];
  const half: (Stamp | undefined)[] = [];
  for (let i = 0; i < 24; i++) {
    const captureTimeUs = 7e9 + i * 33_333;
    const xM = course.start.x + i * 0.27;
    const pose = { xM, yM: course.start.y, headingRad: i * 0.03, speedMps: 8, steering: 0 };
    renderer.draw({ ...pose, frame: i });
    stampPicture(frame, i, captureTimeUs);
    stamps.push({ frame: i, clock: stampClockOf(captureTimeUs) });
    decoder.decodeBytes(encoder.encode(frame).data, (decoded) => {
      const { y, strideY } = planesOf(decoded);
      const at: Luma = (px, py) => y[py * strideY + px] ?? 0;
      full.push(readStamp(at, stampGeometryOf(width)));
      const box: Luma = (px, py) =>
        (at(2 * px, 2 * py) + at(2 * px + 1, 2 * py) + at(2 * px, 2 * py + 1)) / 3;
      half.push(readStamp(box, stampGeometryOf(width / 2)));
    });
  }
  encoder.close();
  decoder.close();
  return [full, half];
}
