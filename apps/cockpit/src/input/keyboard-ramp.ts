/** Which driving keys are down. */
export type DriveKeys = {
  left: boolean;
  right: boolean;
  forward: boolean;
  backward: boolean;
  brake: boolean;
};

/** Set-points that follow the keys smoothly; −1 to 1, `brake` 0 to 1, `steering` +1 = right. */
export type RampState = {
  steering: number;
  drive: number;
  brake: number;
  /** What the forward or backward key meant when it was pressed; it keeps that meaning until released. */
  pedal: 'none' | 'drive' | 'reverse' | 'brake';
  /** Which of the two keys `pedal` belongs to. */
  direction: -1 | 0 | 1;
  /** Time of the last step, ms; undefined before the first. */
  atMs: number | undefined;
};

/** No key is down. */
export const noKeys: DriveKeys = {
  left: false,
  right: false,
  forward: false,
  backward: false,
  brake: false,
};

/** Everything at rest. */
export const neutralRamp: RampState = {
  steering: 0,
  drive: 0,
  brake: 0,
  pedal: 'none',
  direction: 0,
  atMs: undefined,
};

/** Set-point change a second: away from zero and back to it. */
export const rampRates = {
  steering: { away: 1.6, back: 3.2 },
  drive: { away: 0.9, back: 4 },
  brake: { away: 5, back: 6 },
} as const;

/** Longest step, ms: a page that stalled must not jump to full deflection. */
export const longestStepMs = 100;

/** Below this the machine counts as standing, m/s. */
const standingMps = 0.4;

/**
 * Moves the set-points towards what the keys ask for at `nowMs`. The key against the direction of travel brakes;
 * reversing takes a new press at standstill, so that nobody rolls backward out of a braking.
 */
export function stepRamp(
  state: RampState,
  keys: DriveKeys,
  speedMps: number,
  nowMs: number,
): RampState {
  const stepS = Math.min(Math.max(nowMs - (state.atMs ?? nowMs), 0), longestStepMs) / 1000;
  const direction = (Number(keys.forward) - Number(keys.backward)) as -1 | 0 | 1;
  const pedal = direction === state.direction ? state.pedal : pedalFor(direction, speedMps);
  const braking = keys.brake || pedal === 'brake';
  const driveTarget = braking ? 0 : pedal === 'drive' ? 1 : pedal === 'reverse' ? -1 : 0;
  return {
    steering: approach(
      state.steering,
      Number(keys.right) - Number(keys.left),
      rampRates.steering,
      stepS,
    ),
    // Brake and drive never act together.
    drive: braking ? 0 : approach(state.drive, driveTarget, rampRates.drive, stepS),
    brake: approach(state.brake, braking ? 1 : 0, rampRates.brake, stepS),
    pedal,
    direction,
    atMs: nowMs,
  };
}

/** Whether any driving key is down. */
export function hasKeyDown(keys: DriveKeys): boolean {
  return keys.left || keys.right || keys.forward || keys.backward || keys.brake;
}

function pedalFor(direction: -1 | 0 | 1, speedMps: number): RampState['pedal'] {
  if (direction === 0) return 'none';
  if (direction > 0) return speedMps < -standingMps ? 'brake' : 'drive';
  return speedMps > standingMps ? 'brake' : 'reverse';
}

function approach(
  value: number,
  target: number,
  rates: { away: number; back: number },
  stepS: number,
): number {
  const isAway = value * target >= 0 && Math.abs(target) > Math.abs(value);
  const step = (isAway ? rates.away : rates.back) * stepS;
  return value < target ? Math.min(value + step, target) : Math.max(value - step, target);
}
