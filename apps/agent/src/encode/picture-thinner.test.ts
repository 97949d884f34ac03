import { describe, expect, it } from 'vitest';
import { PictureThinner } from './picture-thinner.ts';

/** Of two seconds of pictures, 30 a second with some jitter, those that remain. */
function remaining(fps: number, keepOneIn = 1): number {
  const thinner = new PictureThinner();
  let count = 0;
  for (let i = 0; i < 60; i++) {
    const captureTimeUs = 1e9 + i * 33_333 + ((i * 7919) % 4000);
    if (thinner.takes(captureTimeUs, fps, 30, keepOneIn)) count += 1;
  }
  return count;
}

describe('PictureThinner', () => {
  it('takes all pictures of an input that gives no more than is wanted', () => {
    expect([remaining(30), remaining(60)]).toEqual([60, 60]);
  });

  it.each([10, 15, 20, 22.5])('leaves about %d a second', (fps) => {
    expect(Math.abs(remaining(fps) - 2 * fps)).toBeLessThanOrEqual(2);
  });

  it('says what it left out for the rate, and what since only one in so many remains', () => {
    const thinner = new PictureThinner();
    for (let i = 0; i < 60; i++) thinner.takes(1e9 + i * 33_333, 15, 30, 3);
    expect(thinner.leftOut).toEqual({ forRate: 30, forHold: 20 });
  });

  it('takes one in so many, or none', () => {
    expect([remaining(30, 3), remaining(15, 3), remaining(30, 0)]).toEqual([20, 10, 0]);
  });
});
