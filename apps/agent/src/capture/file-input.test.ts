import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { H264Encoder } from '../encode/h264-encoder.ts';
import { machineClock } from '../local/machine-clock.ts';
import { FileInput } from './file-input.ts';
import { allocatePicture, planesOf } from './picture-frame.ts';
import { RecordedInput } from './testing/recorded-input.ts';

let directory: string;
let seen: RecordedInput | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longreach-file-'));
});
afterEach(async () => {
  seen?.input.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Eight pictures, each of a luma of its own: 40, 60, … 180. */
async function writeVideo(): Promise<string> {
  const size = { width: 320, height: 240 };
  const encoder = await H264Encoder.open({ ...size, fps: 25, bitrateBps: 500_000 });
  const frame = allocatePicture(size.width, size.height);
  const planes = planesOf(frame);
  planes.u.fill(128);
  planes.v.fill(128);
  const parts: Buffer[] = [];
  for (let i = 0; i < 8; i++) {
    planes.y.fill(40 + 20 * i);
    parts.push(encoder.encode(frame).data);
  }
  encoder.close();
  const path = join(directory, 'loop.h264');
  await writeFile(path, Buffer.concat(parts));
  return path;
}

function play(path: string, fps: number, size = { width: 320, height: 240 }): RecordedInput {
  const options = { path, ...size, fps, stamp: false, clock: machineClock };
  seen = new RecordedInput((handlers) => new FileInput(options, handlers));
  seen.input.start();
  return seen;
}

describe('FileInput', () => {
  it('plays a file in a loop', async () => {
    const input = play(await writeVideo(), 25);
    await input.until(() => input.pictures.length >= 20);
    const steps = input.pictures.slice(0, 20).map(({ luma }) => Math.round((luma - 40) / 20));
    expect(steps.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps.slice(8, 16)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(input.states).toEqual(['opening', 'running']);
  });

  it('keeps the speed of the file when it is shown at another rate', async () => {
    const input = play(await writeVideo(), 50, { width: 160, height: 120 });
    await input.until(() => input.pictures.length >= 6);
    const first = input.pictures[0]?.captureTimeUs ?? 0;
    const last = input.pictures.at(-1)?.captureTimeUs ?? 0;
    expect(last - first).toBeGreaterThan(80_000);
    expect(input.pictures[0]).toMatchObject({ width: 160, height: 120 });
  });

  it('fails when there is no such file, and when it is no video', async () => {
    const missing = play(join(directory, 'none.mp4'), 25);
    await missing.until(() => missing.states.includes('failed'));
    const text = join(directory, 'text.mp4');
    await writeFile(text, 'no video');
    const broken = play(text, 25);
    await broken.until(() => broken.states.includes('failed'));
  });

  it('can be stopped and started again', async () => {
    const input = play(await writeVideo(), 25);
    await input.until(() => input.pictures.length >= 2);
    input.input.stop();
    const before = input.pictures.length;
    input.input.start();
    await input.until(() => input.pictures.length >= before + 2);
    expect(Math.round(input.pictures[before]?.luma ?? 0)).toBe(40);
  });
});
