import { describe, expect, it } from 'vitest';
import { PlayoutTiming } from './playout-timing.ts';

const stepUs = 1_000_000 / 30;

/** A camera whose pictures come by a way of this lateness, and what becomes of them. */
class Camera {
  readonly timing: PlayoutTiming;
  /** Of the last run, ms: how long each picture was held back, and time between two of them on screen. */
  heldMs: number[] = [];
  stepsMs: number[] = [];
  #frame = 0;
  #lastUs = 0;
  #lastShownUs = 0;

  constructor(timing = new PlayoutTiming()) {
    this.timing = timing;
  }

  /** In order: a picture is never whole before the one before it. */
  run(seconds: number, latenessMs: (frame: number) => number): void {
    this.heldMs = [];
    this.stepsMs = [];
    for (const end = this.#frame + seconds * 30; this.#frame < end; this.#frame++) {
      const sentUs = 5_000_000 + this.#frame * stepUs;
      const wholeUs = Math.max(this.#lastUs, sentUs + 15_000 + latenessMs(this.#frame) * 1000);
      this.#lastUs = wholeUs;
      const timestamp = Math.round(4_294_000_000 + this.#frame * 3000) >>> 0;
      const shownUs = this.timing.handlePicture(timestamp, wholeUs);
      this.heldMs.push((shownUs - wholeUs) / 1000);
      this.stepsMs.push((shownUs - this.#lastShownUs) / 1000);
      this.#lastShownUs = shownUs;
    }
  }
}

const none = () => 0;
/** Up to 50 ms, the same in each test run. */
const jittery = (frame: number) => (frame * 7919) % 50;
const spreadOf = (values: number[]) => Math.max(...values) - Math.min(...values);

describe('PlayoutTiming', () => {
  it('PT1 adds no delay while pictures come evenly', () => {
    const camera = new Camera();
    camera.run(20, (frame) => frame % 4);
    expect(Math.max(...camera.heldMs)).toBeLessThan(0.001);
    expect(camera.timing.delayUs).toBe(0);
  });

  it('PT2 lets pictures come evenly over a way that is not', () => {
    const camera = new Camera();
    camera.run(4, jittery);
    camera.run(10, jittery);
    const steps = camera.stepsMs.slice(1).toSorted((a, b) => a - b);
    const middle = steps.slice(Math.floor(steps.length * 0.05), Math.floor(steps.length * 0.95));
    expect(spreadOf(middle)).toBeLessThan(25);
    expect(camera.timing.delayUs).toBeLessThanOrEqual(60_000);
  });

  it('PT3 never holds back more than the most, whatever comes', () => {
    const camera = new Camera();
    camera.run(5, (frame) => (frame * 7919) % 400);
    expect(camera.timing.delayUs).toBeLessThanOrEqual(60_000);
    expect(Math.max(...camera.heldMs)).toBeLessThanOrEqual(60.001);
  });

  it('PT4 is back below 20 ms after 5 s of quiet, and at nothing soon after', () => {
    const camera = new Camera();
    camera.run(20, jittery);
    camera.run(5, none);
    expect(camera.timing.delayUs).toBeLessThan(20_000);
    camera.run(2, none);
    expect(camera.timing.delayUs).toBe(0);
  });

  it('PT5 takes no notice of an outage', () => {
    const camera = new Camera();
    camera.run(5, none);
    camera.run(1, (frame) => Math.max(0, 400 - ((frame - 150) * 1000) / 30));
    camera.run(5, none);
    expect(camera.timing.delayUs).toBe(0);
  });

  it('PT6 begins anew when the clock of the pictures jumps', () => {
    const timing = new PlayoutTiming();
    for (let frame = 0; frame < 100; frame++) timing.handlePicture(frame * 3000, frame * stepUs);
    const jumped = 90_000 * 3600;
    for (let frame = 100; frame < 200; frame++) {
      const nowUs = frame * stepUs;
      expect(timing.handlePicture(jumped + frame * 3000, nowUs)).toBeCloseTo(nowUs, 0);
    }
  });

  it('PT7 always holds back the least that is asked for', () => {
    const camera = new Camera(new PlayoutTiming({ minDelayUs: 50_000 }));
    camera.run(3, none);
    expect(Math.min(...camera.heldMs)).toBeGreaterThan(49.9);
  });
});
