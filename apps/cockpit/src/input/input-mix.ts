import { type GamepadReading, isNeutral } from './gamepad-reading.ts';
import {
  type DriveKeys,
  hasKeyDown,
  neutralRamp,
  type RampState,
  stepRamp,
} from './keyboard-ramp.ts';

/** The device whose set-points are used. */
export type InputDevice = 'none' | 'keyboard' | 'gamepad';

/** What the operator asks for now. */
export type InputSample = {
  /** −1 left to 1 right. */
  steering: number;
  /** −1 backward to 1 forward. */
  drive: number;
  /** 0 to 1. */
  brake: number;
  device: InputDevice;
  /** Why the gamepad has no effect although somebody may expect one. */
  gamepad: 'absent' | 'ready' | 'release first' | 'lost';
};

/** What the mix keeps from one step to the next. */
export type InputMixState = {
  ramp: RampState;
  device: InputDevice;
  gamepad: InputSample['gamepad'];
  /** Sign of the throttle, chosen while the trigger rests. */
  gear: 1 | -1;
};

/** Inputs of one step. */
export type InputMixInput = {
  keys: DriveKeys;
  gamepad: GamepadReading | undefined;
  speedMps: number;
  /** False while the page is in the background or the machine is not armed: all is neutral then. */
  permitted: boolean;
};

/** Before the first step. */
export const initialMix: InputMixState = {
  ramp: neutralRamp,
  device: 'none',
  gamepad: 'absent',
  gear: 1,
};

/**
 * Makes one set of set-points out of keyboard and gamepad. The strongest brake of either wins. A gamepad counts
 * only after stick and triggers have rested once since it appeared or since motion was permitted: a trigger held
 * during re-arm, or a pad that comes back, must not move the machine.
 */
export function mixInputs(
  state: InputMixState,
  input: InputMixInput,
  nowMs: number,
): { state: InputMixState; sample: InputSample } {
  const gamepad = gamepadState(state, input);
  if (!input.permitted) {
    const next: InputMixState = { ramp: neutralRamp, device: 'none', gamepad, gear: 1 };
    return { state: next, sample: neutralSample(next) };
  }
  const pad = gamepad === 'ready' ? input.gamepad : undefined;
  const gear = pad && pad.throttle > 0 ? state.gear : pad?.reverse ? -1 : 1;
  const ramp = stepRamp(state.ramp, input.keys, input.speedMps, nowMs);
  const device = activeDevice(state.device, hasKeyDown(input.keys), pad);
  const isPad = device === 'gamepad' && pad !== undefined;
  const brake = Math.max(ramp.brake, pad?.brake ?? 0);
  const drive = isPad ? pad.throttle * gear : ramp.drive;
  const next: InputMixState = { ramp, device, gamepad, gear };
  return {
    state: next,
    sample: {
      steering: isPad ? pad.steering : ramp.steering,
      drive: brake > 0 ? 0 : drive,
      brake,
      device,
      gamepad,
    },
  };
}

function neutralSample(state: InputMixState): InputSample {
  return { steering: 0, drive: 0, brake: 0, device: 'none', gamepad: state.gamepad };
}

function gamepadState(state: InputMixState, input: InputMixInput): InputSample['gamepad'] {
  if (input.gamepad === undefined) {
    if (hasKeyDown(input.keys)) return 'absent';
    return state.gamepad === 'absent' ? 'absent' : 'lost';
  }
  if (!input.permitted || state.gamepad !== 'ready') {
    return isNeutral(input.gamepad) ? 'ready' : 'release first';
  }
  return 'ready';
}

function activeDevice(
  before: InputDevice,
  keyDown: boolean,
  pad: GamepadReading | undefined,
): InputDevice {
  if (keyDown) return 'keyboard';
  if (pad && !isNeutral(pad)) return 'gamepad';
  if (before === 'gamepad' && !pad) return 'none';
  return before;
}
