import { describe, expect, it } from 'vitest';
import { FrameSchedule } from './frame-schedule.ts';

function run(fps: number, phase: number, seconds: number): number[] {
  const schedule = new FrameSchedule(fps, phase);
  const dues: number[] = [];
  let nowUs = 0;
  while (nowUs < seconds * 1e6) {
    const due = schedule.nextUs(nowUs);
    schedule.handleFrame(due);
    dues.push(due);
    // The timer fires a little late, each time differently.
    nowUs = due + (dues.length % 7) * 150;
  }
  return dues;
}

describe('FrameSchedule', () => {
  it('keeps 29.97 and 30 exactly, over an hour', () => {
    for (const fps of [29.97, 30, 60]) {
      const dues = run(fps, 0.25, 3600);
      const first = dues[0] ?? 0;
      const last = dues.at(-1) ?? 0;
      expect((last - first) / (dues.length - 1)).toBeCloseTo(1e6 / fps, 3);
    }
  });

  it('keeps cameras of one rate apart by their phases', () => {
    const front = run(30, 0, 1);
    const left = run(30, 0.25, 1);
    for (const due of left) {
      const nearest = Math.min(...front.map((other) => Math.abs(other - due)));
      expect(nearest).toBeGreaterThan(8000);
    }
  });

  it('leaves missed deadlines out, and counts them', () => {
    const schedule = new FrameSchedule(100, 0);
    schedule.handleFrame(10_000);
    expect(schedule.nextUs(95_500)).toBe(100_000);
    expect(schedule.missed).toBe(8);
  });

  it('misses nothing while frames are taken in time, whatever the rate changes to', () => {
    const schedule = new FrameSchedule(30, 0.25);
    let nowUs = 0;
    for (const fps of [30, 10, 60, 7.5, 30]) {
      schedule.setFps(fps);
      for (let i = 0; i < 20; i++) {
        const dueUs = schedule.nextUs(nowUs);
        schedule.handleFrame(dueUs);
        nowUs = dueUs + 3000;
      }
    }
    expect(schedule.missed).toBe(0);
  });

  it('keeps half a period between a frame out of the grid and the next', () => {
    const schedule = new FrameSchedule(100, 0);
    schedule.handleFrame(9_000);
    expect(schedule.nextUs(9_100)).toBe(20_000);
    schedule.handleFrame(2_000);
    expect(schedule.nextUs(2_100)).toBe(10_000);
  });
});
