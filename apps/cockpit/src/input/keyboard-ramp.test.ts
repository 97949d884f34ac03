import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DriveKeys,
  longestStepMs,
  neutralRamp,
  noKeys,
  type RampState,
  rampRates,
  stepRamp,
} from './keyboard-ramp.ts';

function hold(
  state: RampState,
  keys: Partial<DriveKeys>,
  forMs: number,
  speedMps = 0,
  stepMs = 20,
): RampState {
  let now = state.atMs ?? 0;
  const end = now + forMs;
  let next = stepRamp(state, { ...noKeys, ...keys }, speedMps, now);
  while (now < end) {
    now = Math.min(now + stepMs, end);
    next = stepRamp(next, { ...noKeys, ...keys }, speedMps, now);
  }
  return next;
}

describe('keyboard ramp', () => {
  it('rises smoothly to full drive and stays there', () => {
    expect(hold(neutralRamp, { forward: true }, 500).drive).toBeCloseTo(rampRates.drive.away / 2);
    expect(hold(neutralRamp, { forward: true }, 3000).drive).toBe(1);
  });

  it('falls back to neutral within a quarter second after release', () => {
    const full = hold(neutralRamp, { forward: true, right: true }, 3000);
    const released = hold(full, {}, 320);
    expect(released).toMatchObject({ drive: 0, steering: 0, brake: 0 });
  });

  it('steers left negative and right positive', () => {
    expect(hold(neutralRamp, { left: true }, 200).steering).toBeLessThan(0);
    expect(hold(neutralRamp, { right: true }, 200).steering).toBeGreaterThan(0);
    expect(hold(neutralRamp, { right: true, left: true }, 200).steering).toBe(0);
  });

  it('drops the drive at once when braking', () => {
    const driving = hold(neutralRamp, { forward: true }, 3000);
    const braking = hold(driving, { forward: true, brake: true }, 20);
    expect(braking.drive).toBe(0);
    expect(braking.brake).toBeGreaterThan(0);
  });

  it('backward brakes while rolling forward, and reverses only after a new press', () => {
    const rolling = hold(neutralRamp, { backward: true }, 500, 5);
    expect(rolling).toMatchObject({ brake: 1, drive: 0 });
    const standing = hold(rolling, { backward: true }, 500, 0);
    expect(standing).toMatchObject({ brake: 1, drive: 0 });
    const again = hold(hold(standing, {}, 300), { backward: true }, 500, 0);
    expect(again.brake).toBe(0);
    expect(again.drive).toBeLessThan(0);
  });

  it('does not jump after a stalled page', () => {
    const start = hold(neutralRamp, { forward: true }, 0);
    const after = stepRamp(start, { ...noKeys, forward: true }, 0, 60_000);
    expect(after.drive).toBeCloseTo((rampRates.drive.away * longestStepMs) / 1000);
  });

  it('stays within its bounds and within its rates for any keys and times', () => {
    const keys = fc.record({
      left: fc.boolean(),
      right: fc.boolean(),
      forward: fc.boolean(),
      backward: fc.boolean(),
      brake: fc.boolean(),
    });
    const step = fc.tuple(
      keys,
      fc.integer({ min: -50, max: 500 }),
      fc.double({ min: -20, max: 20, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = neutralRamp;
        let now = 1000;
        for (const [down, deltaMs, speed] of steps) {
          now += deltaMs;
          const next = stepRamp(state, down, speed, now);
          expect(Math.abs(next.steering)).toBeLessThanOrEqual(1);
          expect(Math.abs(next.drive)).toBeLessThanOrEqual(1);
          expect(next.brake).toBeGreaterThanOrEqual(0);
          expect(next.brake).toBeLessThanOrEqual(1);
          expect(Math.abs(next.steering - state.steering)).toBeLessThanOrEqual(0.32 + 1e-9);
          if (down.brake) expect(next.drive).toBe(0);
          state = next;
        }
      }),
    );
  });
});
