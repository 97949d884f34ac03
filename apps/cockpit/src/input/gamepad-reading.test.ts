import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDeadZone, type GamepadView, isNeutral, readGamepad } from './gamepad-reading.ts';

function pad(change: { axes?: number[]; buttons?: Record<number, number> } = {}): GamepadView {
  const buttons = Array.from({ length: 17 }, (_, i) => {
    const value = change.buttons?.[i] ?? 0;
    return { value, pressed: value > 0.5 };
  });
  return { connected: true, mapping: 'standard', axes: change.axes ?? [0, 0, 0, 0], buttons };
}

describe('gamepad', () => {
  it('rests at neutral inside the dead zones', () => {
    const reading = readGamepad(pad({ axes: [0.11, 0, 0, 0], buttons: { 6: 0.04, 7: 0.05 } }));
    expect(reading && isNeutral(reading)).toBe(true);
  });

  it('maps stick, triggers and buttons', () => {
    const reading = readGamepad(
      pad({ axes: [-1, 0, 0, 0], buttons: { 1: 1, 4: 1, 6: 1, 7: 1, 9: 1 } }),
    );
    expect(reading).toEqual({
      steering: -1,
      throttle: 1,
      brake: 1,
      reverse: true,
      emergencyStop: true,
      rearm: true,
    });
  });

  it('is nothing without the standard mapping, when disconnected or absent', () => {
    expect(readGamepad({ ...pad(), mapping: '' })).toBeUndefined();
    expect(readGamepad({ ...pad(), connected: false })).toBeUndefined();
    expect(readGamepad(null)).toBeUndefined();
  });

  it('survives a pad with fewer axes and buttons than the standard has', () => {
    expect(
      readGamepad({ connected: true, mapping: 'standard', axes: [], buttons: [] }),
    ).toMatchObject({
      steering: 0,
      throttle: 0,
      brake: 0,
    });
  });

  it('the dead zone is odd, monotonic and within ±1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (value, zone) => {
          const out = applyDeadZone(value, zone);
          expect(Math.abs(out)).toBeLessThanOrEqual(1);
          expect(out + applyDeadZone(-value, zone)).toBe(0);
          if (value > 0) expect(applyDeadZone(value + 0.1, zone)).toBeGreaterThanOrEqual(out);
        },
      ),
    );
  });
});
