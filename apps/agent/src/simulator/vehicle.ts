/** Dynamics of the simulated vehicle: a kinematic bicycle with limits of tyres, drive and brakes. Pure. */

/** What the driver side asks for; axes as in a drive command. */
export type VehicleInput = {
  /** −1 (left) to 1 (right), as a stick moves. */
  steering: number;
  /** −1 (reverse) to 1. */
  drive: number;
  /** 0 to 1. */
  brake: number;
};

/** Where the vehicle is and how it moves; the reference point is its middle. */
export type VehicleMotion = {
  xM: number;
  yM: number;
  headingRad: number;
  speedMps: number;
  /** Angle of the front wheels, rad, positive to the left. */
  wheelAngleRad: number;
  /** Turn rate of the last step, rad/s. */
  yawRateRps: number;
  /** Change of speed in the last step, m/s². */
  accelerationMps2: number;
  /** Whether an obstacle stopped the last step. */
  blocked: boolean;
};

/** Says how far the vehicle's outline is from the next obstacle, m; negative when it overlaps. */
export type ClearanceAt = (xM: number, yM: number, headingRad: number) => number;

/** Measures of the vehicle; SI units. */
export const vehicleLimits = {
  lengthM: 3.6,
  widthM: 1.8,
  wheelbaseM: 2.2,
  maxWheelAngleRad: 0.55,
  wheelRateRps: 1.4,
  accelerationMps2: 2.5,
  brakeMps2: 8,
  maxForwardMps: 8,
  maxReverseMps: 3,
  /** Rolling resistance, m/s². */
  rollingMps2: 0.35,
  /** Drag per (m/s)², 1/m. */
  dragPerM: 0.004,
  /** Tyres give way beyond this: the curve gets wider. */
  lateralMps2: 5,
} as const;

/** A vehicle at rest. */
export function restingVehicle(xM: number, yM: number, headingRad: number): VehicleMotion {
  return {
    xM,
    yM,
    headingRad,
    speedMps: 0,
    wheelAngleRad: 0,
    yawRateRps: 0,
    accelerationMps2: 0,
    blocked: false,
  };
}

/** The motion `dtS` seconds (up to 0.05) later. */
export function stepVehicle(
  from: VehicleMotion,
  input: VehicleInput,
  dtS: number,
  clearanceAt: ClearanceAt,
): VehicleMotion {
  const wheelAngleRad = nextWheelAngle(from.wheelAngleRad, input.steering, dtS);
  const speedMps = nextSpeed(from.speedMps, input, dtS);
  const yawRateRps = speedMps * curvatureOf(wheelAngleRad, speedMps);
  const middle = from.headingRad + (yawRateRps * dtS) / 2;
  const next: VehicleMotion = {
    xM: from.xM + Math.cos(middle) * speedMps * dtS,
    yM: from.yM + Math.sin(middle) * speedMps * dtS,
    headingRad: wrapAngle(from.headingRad + yawRateRps * dtS),
    speedMps,
    wheelAngleRad,
    yawRateRps,
    accelerationMps2: (speedMps - from.speedMps) / dtS,
    blocked: false,
  };
  if (speedMps === 0) return next;
  const clearance = clearanceAt(next.xM, next.yM, next.headingRad);
  // Moving out of an overlap is allowed, moving deeper is not.
  if (clearance >= 0 || clearance > clearanceAt(from.xM, from.yM, from.headingRad)) return next;
  return {
    ...next,
    xM: from.xM,
    yM: from.yM,
    headingRad: from.headingRad,
    speedMps: 0,
    yawRateRps: 0,
    blocked: true,
  };
}

/** Curvature of the path, 1/m: what the wheels ask for, as far as the tyres hold. */
export function curvatureOf(wheelAngleRad: number, speedMps: number): number {
  const asked = Math.tan(wheelAngleRad) / vehicleLimits.wheelbaseM;
  const grip = vehicleLimits.lateralMps2 / Math.max(speedMps * speedMps, 0.01);
  return Math.max(-grip, Math.min(grip, asked));
}

/** Angle of the front wheels (rad, positive to the left) for a steering of −1 (left) to 1 (right). */
export function wheelAngleOf(steering: number): number {
  return -clamp(steering, -1, 1) * vehicleLimits.maxWheelAngleRad;
}

/** Steering of −1 to 1 at which the wheels stand at this angle. */
export function steeringOf(wheelAngleRad: number): number {
  return -wheelAngleRad / vehicleLimits.maxWheelAngleRad;
}

function nextWheelAngle(angleRad: number, steering: number, dtS: number): number {
  const target = wheelAngleOf(steering);
  const step = vehicleLimits.wheelRateRps * dtS;
  return angleRad + clamp(target - angleRad, -step, step);
}

function nextSpeed(speedMps: number, input: VehicleInput, dtS: number): number {
  const drive = clamp(input.drive, -1, 1);
  const brake = clamp(input.brake, 0, 1);
  const limit = drive >= 0 ? vehicleLimits.maxForwardMps : vehicleLimits.maxReverseMps;
  // The motor gives less the nearer its top speed is, so that the limit is reached softly.
  const share = Math.max(0, 1 - Math.max(0, speedMps * Math.sign(drive)) / limit);
  const push = drive * vehicleLimits.accelerationMps2 * Math.min(1, share * 4);
  const pushed = speedMps + push * dtS;
  const resistance =
    brake * vehicleLimits.brakeMps2 +
    vehicleLimits.rollingMps2 +
    vehicleLimits.dragPerM * speedMps * speedMps;
  // Resistance stops a motion, it never turns it round.
  const slowed = Math.sign(pushed) * Math.max(0, Math.abs(pushed) - resistance * dtS);
  return clamp(slowed, -vehicleLimits.maxReverseMps, vehicleLimits.maxForwardMps);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

function wrapAngle(angleRad: number): number {
  return Math.atan2(Math.sin(angleRad), Math.cos(angleRad));
}
