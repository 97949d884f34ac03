/**
 * Reads the in-pixel stamp out of the framebuffer file more than 1,000 times a second, in a process of its own.
 * First argument: the file. It tells what it saw when its parent says `take`, and ends with its channel.
 */
import process from 'node:process';
import { readStamp, stampGeometryOf } from '../../../apps/agent/src/capture/stamp.ts';
import { openFramebuffer } from './framebuffer.ts';
import type { Sighting, StampReading } from './stamp-reading.ts';

const pictureWidth = 1280;
/** Between two looks; a sleep of the kernel, not of an event loop, so that it may be shorter than a millisecond. */
const pauseMs = 0.35;
/** After so many looks messages are handled. */
const looksPerTurn = 200;
const maxSightings = 200_000;

const framebuffer = openFramebuffer(process.argv[2] as string);
const { bytesPerPixel, width } = framebuffer.layout;
const geometry = stampGeometryOf(pictureWidth);
const line = new Uint8Array(width * bytesPerPixel);
const before = new Uint8Array(line.length);
const middle = Math.floor(geometry.blockSize / 2);
const sleeper = new Int32Array(new SharedArrayBuffer(4));

let reading: StampReading = { sightings: [], looks: 0, startedUs: nowUs(), endedUs: 0 };
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
  if (Buffer.compare(line, before) === 0) return;
  before.set(line);
  // Every block is as high as it is wide: its middle line stands for all of it.
  const stamp = readStamp((x) => line[x * bytesPerPixel + 1] as number, geometry);
  if (stamp === undefined || stamp.frame === lastFrame) return;
  lastFrame = stamp.frame;
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
  reading = { sightings: [], looks: 0, startedUs: nowUs(), endedUs: 0 };
  process.send?.(taken);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
turn();
