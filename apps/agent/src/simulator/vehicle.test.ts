import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClearance, createCourse } from './course.ts';
import {
  type ClearanceAt,
  restingVehicle,
  stepVehicle,
  type VehicleInput,
  vehicleLimits,
} from './vehicle.ts';

const free: ClearanceAt = () => Infinity;
const dtS = 0.005;

function drive(input: VehicleInput, seconds: number, from = restingVehicle(0, 0, 0), near = free) {
  let motion = from;
  for (let t = 0; t < seconds; t += dtS) motion = stepVehicle(motion, input, dtS, near);
  return motion;
}

describe('vehicle', () => {
  it('speeds up plausibly and reaches its top speed, not more', () => {
    const full = { steering: 0, drive: 1, brake: 0 };
    const soon = drive(full, 1);
    expect(soon.speedMps).toBeGreaterThan(1.5);
    expect(soon.speedMps).toBeLessThan(2.6);
    const late = drive(full, 20);
    expect(late.speedMps).toBeGreaterThan(6.5);
    expect(late.speedMps).toBeLessThanOrEqual(vehicleLimits.maxForwardMps);
  });

  it('stops within a second from full speed, and stays', () => {
    const fast = { ...restingVehicle(0, 0, 0), speedMps: 8 };
    const brake = { steering: 0, drive: 0, brake: 1 };
    const stopped = drive(brake, 1, fast);
    expect(stopped.speedMps).toBe(0);
    expect(stopped.xM).toBeLessThan(4.2);
    expect(drive(brake, 1, stopped).xM).toBe(stopped.xM);
  });

  it('reverses slowly', () => {
    const back = drive({ steering: 0, drive: -1, brake: 0 }, 10);
    expect(back.speedMps).toBeLessThan(-2);
    expect(back.speedMps).toBeGreaterThanOrEqual(-vehicleLimits.maxReverseMps);
    expect(back.xM).toBeLessThan(0);
  });

  it('rolls out without drive', () => {
    const rolling = drive({ steering: 0, drive: 0, brake: 0 }, 30, {
      ...restingVehicle(0, 0, 0),
      speedMps: 3,
    });
    expect(rolling.speedMps).toBe(0);
  });

  it('turns left for negative steering, as a stick moves, at a limited rate of the wheels', () => {
    const left = { steering: -1, drive: 0.3, brake: 0 };
    expect(drive(left, 0.1).wheelAngleRad).toBeLessThan(vehicleLimits.maxWheelAngleRad / 2);
    expect(drive(left, 2).headingRad).toBeGreaterThan(0.2);
    expect(drive({ ...left, steering: 1 }, 2).headingRad).toBeLessThan(-0.2);
  });

  it('never turns harder than its tyres hold', () => {
    const fast = { ...restingVehicle(0, 0, 0), speedMps: 7, wheelAngleRad: 0.55 };
    const next = stepVehicle(fast, { steering: -1, drive: 1, brake: 0 }, dtS, free);
    expect(Math.abs(next.yawRateRps * next.speedMps)).toBeLessThanOrEqual(5.01);
  });

  it('stops at an obstacle and gets away from it in reverse', () => {
    const wall = (x: number) => 5 - x;
    const hit = drive({ steering: 0, drive: 1, brake: 0 }, 5, restingVehicle(0, 0, 0), wall);
    expect(hit.blocked).toBe(true);
    expect(hit.xM).toBeGreaterThan(4.9);
    expect(hit.xM).toBeLessThanOrEqual(5);
    const away = drive({ steering: 0, drive: -1, brake: 0 }, 2, hit, wall);
    expect(away.xM).toBeLessThan(4);
  });

  it('stays finite, within its limits and out of the obstacles whatever is asked for', () => {
    const clearanceAt = createClearance(createCourse());
    const { start } = createCourse();
    const axis = fc.double({ min: -1, max: 1, noNaN: true });
    const input = fc.record({ steering: axis, drive: axis, brake: axis });
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 30 }), (inputs) => {
        let motion = restingVehicle(start.x, start.y, start.turn);
        for (const one of inputs) {
          for (let i = 0; i < 100; i++) motion = stepVehicle(motion, one, dtS, clearanceAt);
          expect(Number.isFinite(motion.xM + motion.yM + motion.headingRad)).toBe(true);
          expect(motion.speedMps).toBeLessThanOrEqual(vehicleLimits.maxForwardMps);
          expect(motion.speedMps).toBeGreaterThanOrEqual(-vehicleLimits.maxReverseMps);
          const clearance = clearanceAt(motion.xM, motion.yM, motion.headingRad);
          expect(clearance).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('course', () => {
  it('is closed, and its start is free', () => {
    const course = createCourse();
    const [first] = course.centre;
    const last = course.centre.at(-1);
    expect(first && last && Math.hypot(first.x - last.x, first.y - last.y)).toBeLessThan(4);
    const clear = createClearance(course)(course.start.x, course.start.y, course.start.turn);
    expect(clear).toBeGreaterThan(1);
  });

  it('can be driven all round: the vehicle fits beside every obstacle on the track', () => {
    const course = createCourse();
    const clearanceAt = createClearance(course);
    const n = course.centre.length;
    course.centre.forEach((p, i) => {
      const q = course.centre[(i + 1) % n] ?? p;
      const turn = Math.atan2(q.y - p.y, q.x - p.x);
      const offsets = [-2.6, -1.5, -0.5, 0.5, 1.5, 2.6];
      const best = Math.max(
        ...offsets.map((o) =>
          clearanceAt(p.x - Math.sin(turn) * o, p.y + Math.cos(turn) * o, turn),
        ),
      );
      expect(best, `at ${p.x.toFixed(1)}, ${p.y.toFixed(1)}`).toBeGreaterThan(0.3);
    });
  });
});
