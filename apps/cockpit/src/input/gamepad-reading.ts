/** What is read from the browser's `Gamepad`. */
export type GamepadView = {
  readonly connected: boolean;
  readonly mapping: string;
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly value: number; readonly pressed: boolean }[];
};

/** A gamepad's set-points and buttons after dead zones. */
export type GamepadReading = {
  /** −1 left to 1 right. */
  steering: number;
  /** Right trigger, 0 to 1. */
  throttle: number;
  /** Left trigger, 0 to 1. */
  brake: number;
  /** Left shoulder: the throttle drives backward. */
  reverse: boolean;
  /** B or circle. */
  emergencyStop: boolean;
  /** Start. */
  rearm: boolean;
};

/** Shares of the travel that count as zero. Sticks of worn pads rest at up to 0.1. */
export const deadZones = { stick: 0.12, trigger: 0.05 } as const;

/** Above 1 the stick is finer around its middle. */
const steeringExponent = 1.5;

// Indices of the "standard gamepad" (W3C Gamepad, section "Remapping").
const axisLeftX = 0;
const buttonB = 1;
const buttonLeftShoulder = 4;
const buttonLeftTrigger = 6;
const buttonRightTrigger = 7;
const buttonStart = 9;

/** Reads a connected gamepad of the standard mapping; undefined for any other, whose axes nobody can be sure of. */
export function readGamepad(pad: GamepadView | null | undefined): GamepadReading | undefined {
  if (!pad?.connected || pad.mapping !== 'standard') return undefined;
  const stick = applyDeadZone(pad.axes[axisLeftX] ?? 0, deadZones.stick);
  const trigger = (index: number): number =>
    Math.max(0, applyDeadZone(pad.buttons[index]?.value ?? 0, deadZones.trigger));
  const pressed = (index: number): boolean => pad.buttons[index]?.pressed ?? false;
  return {
    steering: Math.sign(stick) * Math.abs(stick) ** steeringExponent,
    throttle: trigger(buttonRightTrigger),
    brake: trigger(buttonLeftTrigger),
    reverse: pressed(buttonLeftShoulder),
    emergencyStop: pressed(buttonB),
    rearm: pressed(buttonStart),
  };
}

/** Zero inside the dead zone, then rising from zero to ±1; anything that is no number is zero. */
export function applyDeadZone(value: number, deadZone: number): number {
  const size = Math.abs(value);
  if (!(size > deadZone)) return 0;
  return Math.sign(value) * Math.min((size - deadZone) / (1 - deadZone), 1);
}

/** Whether stick and triggers rest. */
export function isNeutral(reading: GamepadReading): boolean {
  return reading.steering === 0 && reading.throttle === 0 && reading.brake === 0;
}
