import { expect, test } from 'vitest';
import { FrameArrivals } from './frame-arrivals.ts';

const frameUs = 33_333;
/** The worker's clock is so far ahead of the machine's, µs. */
const aheadUs = 7_654_321_000;
const stamp = (captureUs: number) => Math.floor(captureUs * 0.09) % 2 ** 32;

/** The mean as a viewer reads it who knows the offset between the clocks, ms. */
function delayMs({ delayTicks }: FrameArrivals, offsetUs = aheadUs): number {
  return ((delayTicks - Math.round(offsetUs * 0.09)) | 0) / 90;
}

/** Frames of three packets, the last of them `delayUs` after the capture. */
function play(arrivals: FrameArrivals, fromUs: number, frames: number, delayUs: number): void {
  for (let i = 0; i < frames; i++) {
    const captureUs = fromUs + i * frameUs;
    const lastUs = captureUs + delayUs + aheadUs;
    for (const [backUs, isEnd] of [
      [900, false],
      [300, false],
      [0, true],
    ] as const) {
      arrivals.handlePacket(stamp(captureUs), isEnd, lastUs - backUs);
    }
  }
}

test('the mean is from capture to the last packet, on the difference of both clocks', () => {
  const arrivals = new FrameArrivals();
  play(arrivals, 1_000_000, 30, 12_000);
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(22);
  expect(delayMs(arrivals)).toBeCloseTo(12, 1);
});

test('it is right where the machine’s 32 bits turn, and where the worker’s do', () => {
  const turnUs = Math.ceil(2 ** 32 / 0.09);
  for (const fromUs of [turnUs - 500_000, 3 * turnUs - aheadUs - 500_000]) {
    const arrivals = new FrameArrivals();
    play(arrivals, fromUs, 40, 12_000);
    arrivals.closePeriod();
    expect(delayMs(arrivals)).toBeCloseTo(12, 1);
  }
});

test('a period without a frame has none, and the next one begins anew', () => {
  const arrivals = new FrameArrivals();
  play(arrivals, 1_000_000, 38, 12_000);
  arrivals.closePeriod();
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(0);
  play(arrivals, 1_000_000 + 38 * frameUs, 16, 50_000);
  arrivals.closePeriod();
  // Eight of before were still waited for.
  expect(delayMs(arrivals)).toBeCloseTo((8 * 12 + 8 * 50) / 16, 1);
});

test('a frame is there when its repaired packet is', () => {
  const arrivals = new FrameArrivals();
  const captureUs = 1_000_000;
  arrivals.handlePacket(stamp(captureUs), true, captureUs + aheadUs + 5000);
  play(arrivals, captureUs + frameUs, 2, 5000);
  arrivals.handlePacket(stamp(captureUs), false, captureUs + aheadUs + 65_000);
  play(arrivals, captureUs + 3 * frameUs, 6, 5000);
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(1);
  expect(delayMs(arrivals)).toBeCloseTo(65, 1);
});

test('a frame without its end does not count, nor a packet that comes too late', () => {
  const arrivals = new FrameArrivals();
  arrivals.handlePacket(stamp(1_000_000), false, 1_005_000 + aheadUs);
  play(arrivals, 1_000_000 + frameUs, 18, 5000);
  arrivals.handlePacket(stamp(1_000_000), true, 3_000_000 + aheadUs);
  play(arrivals, 1_000_000 + 19 * frameUs, 9, 5000);
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(19);
  expect(delayMs(arrivals)).toBeCloseTo(5, 1);
});

test('a frame that was overtaken as a whole counts', () => {
  const arrivals = new FrameArrivals();
  play(arrivals, 1_000_000, 8, 5000);
  play(arrivals, 1_000_000 + 9 * frameUs, 1, 5000);
  play(arrivals, 1_000_000 + 8 * frameUs, 1, 5000 + 2 * frameUs);
  play(arrivals, 1_000_000 + 10 * frameUs, 8, 5000);
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(10);
  expect(delayMs(arrivals)).toBeCloseTo(5 + (2 * frameUs) / 10_000, 1);
});

test('a machine whose clock steps is followed', () => {
  const arrivals = new FrameArrivals();
  play(arrivals, 90_000_000, 30, 5000);
  arrivals.closePeriod();
  play(arrivals, 20_000_000, 30, 5000);
  arrivals.closePeriod();
  expect(arrivals.frames).toBe(22);
  expect(delayMs(arrivals)).toBeCloseTo(5, 1);
});
