import type { DriveKeys } from './keyboard-ramp.ts';

/** What a key does once when pressed. */
export type KeyAction =
  | { kind: 'emergencyStop' }
  | { kind: 'rearm' }
  | { kind: 'toggleControl' }
  | { kind: 'toggleSound' }
  /** Shows the small picture with this index as the main one. */
  | { kind: 'showSmall'; index: number };

// Physical positions (UI Events `code`), so that W A S D lie together on every keyboard layout.
const driveKeys: Readonly<Record<string, keyof DriveKeys>> = {
  KeyW: 'forward',
  ArrowUp: 'forward',
  KeyS: 'backward',
  ArrowDown: 'backward',
  KeyA: 'left',
  ArrowLeft: 'left',
  KeyD: 'right',
  ArrowRight: 'right',
  Space: 'brake',
};

const actions: Readonly<Record<string, KeyAction>> = {
  Escape: { kind: 'emergencyStop' },
  Pause: { kind: 'emergencyStop' },
  KeyR: { kind: 'rearm' },
  KeyC: { kind: 'toggleControl' },
  KeyM: { kind: 'toggleSound' },
};

/** The driving key behind a `KeyboardEvent.code`. */
export function driveKeyOf(code: string): keyof DriveKeys | undefined {
  return driveKeys[code];
}

/** The single act behind a `KeyboardEvent.code`. */
export function keyActionOf(code: string): KeyAction | undefined {
  const digit = /^(?:Digit|Numpad)([1-7])$/.exec(code)?.[1];
  return digit ? { kind: 'showSmall', index: Number(digit) - 1 } : actions[code];
}

/** The state of driving keys out of the codes that are down: two keys of one meaning count as one. */
export function driveKeysOf(codesDown: ReadonlySet<string>): DriveKeys {
  const keys: DriveKeys = {
    left: false,
    right: false,
    forward: false,
    backward: false,
    brake: false,
  };
  for (const code of codesDown) {
    const key = driveKeys[code];
    if (key) keys[key] = true;
  }
  return keys;
}
