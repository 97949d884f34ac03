import { describe, expect, it } from 'vitest';
import { StableFps } from './stable-fps.ts';

function feed(meter: StableFps, second: number, frames: number): void {
  for (let i = 0; i < frames; i++) meter.handleFrame(second * 1000 + (i * 1000) / frames);
}

describe('StableFps', () => {
  it('S1 does not count the second that still runs', () => {
    const meter = new StableFps(0);
    feed(meter, 0, 30);
    feed(meter, 1, 5);
    expect(meter.valueAt(1900)).toBe(30);
  });

  it('S2 is the mean of the last ten seconds only', () => {
    const meter = new StableFps(0);
    feed(meter, 0, 60);
    for (let second = 1; second <= 10; second++) feed(meter, second, second <= 5 ? 20 : 30);
    expect(meter.valueAt(11_000)).toBe(25);
  });

  it('S3 leaves seconds without a frame out', () => {
    const meter = new StableFps(0);
    feed(meter, 0, 30);
    feed(meter, 4, 20);
    expect(meter.valueAt(5000)).toBe(25);
  });

  it('S4 has no value before the first whole second and after ten silent ones', () => {
    const meter = new StableFps(0);
    expect(meter.valueAt(500)).toBeUndefined();
    feed(meter, 0, 30);
    expect(meter.valueAt(60_000)).toBeUndefined();
  });
});
