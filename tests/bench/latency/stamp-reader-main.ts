/**
 * Reads the in-pixel stamp out of the framebuffer file all the time, in a process of its own, and compares sampled
 * pictures with their sources when asked to. First argument: the file; second: options as JSON (`StampReaderOptions`).
 * It tells what it saw when its parent says `take`, and ends with its channel.
 */
import process from 'node:process';
import { readStamp, stampGeometryOf } from '../../../apps/agent/src/capture/stamp.ts';
import { PictureSampler } from '../network/picture-sampler.ts';
import { openFramebuffer } from './framebuffer.ts';
import { emptyReading, type Sighting, type StampReaderOptions } from './stamp-reading.ts';

const defaultPictureWidth = 1280;
/** Between two looks, ms; a sleep of the kernel, not of an event loop, so that it may be shorter than a millisecond. */
const defaultPauseMs = 0.35;
/** Messages are handled after so much time or more, ms. */
const turnMs = 70;
const maxSightings = 200_000;

const options = JSON.parse(process.argv[3] ?? '{}') as StampReaderOptions;
const pauseMs = options.pauseMs ?? defaultPauseMs;
const looksPerTurn = Math.ceil(turnMs / pauseMs);
const framebuffer = openFramebuffer(process.argv[2] as string);
const { bytesPerPixel, width } = framebuffer.layout;
const geometry = stampGeometryOf(options.pictureWidth ?? defaultPictureWidth);
const line = new Uint8Array(width * bytesPerPixel);
const before = new Uint8Array(line.length);
const middle = Math.floor(geometry.blockSize / 2);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const sampler = options.samples && new PictureSampler(framebuffer, options.samples);

let reading = emptyReading(nowUs());
let lastFrame = -1;
let lastLookUs = nowUs();

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}

function look(): void {
  framebuffer.readLine(middle, line);
  const seenUs = nowUs();
  const previousLookUs = lastLookUs;
  lastLookUs = seenUs;
  reading.looks += 1;
  if (Buffer.compare(line, before) === 0) {
    const sample = sampler?.takeDue(seenUs);
    if (sample) reading.samples.push(sample);
    return;
  }
  before.set(line);
  // Every block is as high as it is wide: its middle line stands for all of it.
  const stamp = readStamp((x) => line[x * bytesPerPixel + 1] as number, geometry);
  if (stamp === undefined) reading.unreadable += 1;
  if (stamp === undefined || stamp.frame === lastFrame) return;
  lastFrame = stamp.frame;
  sampler?.handleSighting(stamp.frame, seenUs);
  if (reading.sightings.length >= maxSightings) return;
  const sighting: Sighting = { ...stamp, seenUs, previousLookUs };
  reading.sightings.push(sighting);
}

function turn(): void {
  for (let i = 0; i < looksPerTurn; i++) {
    look();
    Atomics.wait(sleeper, 0, 0, pauseMs);
  }
  setImmediate(turn);
}

process.on('message', () => {
  const taken = { ...reading, endedUs: nowUs() };
  reading = emptyReading(taken.endedUs);
  process.send?.(taken);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
turn();
