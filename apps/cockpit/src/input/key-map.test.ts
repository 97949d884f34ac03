import { describe, expect, it } from 'vitest';
import { driveKeysOf, keyActionOf } from './key-map.ts';
import { noKeys } from './keyboard-ramp.ts';

describe('key map', () => {
  it('letters and arrows mean the same', () => {
    expect(driveKeysOf(new Set(['KeyW', 'KeyA']))).toEqual(
      driveKeysOf(new Set(['ArrowUp', 'ArrowLeft'])),
    );
    expect(driveKeysOf(new Set(['Space']))).toEqual({ ...noKeys, brake: true });
    expect(driveKeysOf(new Set(['KeyQ', 'Tab']))).toEqual(noKeys);
  });

  it('Escape and Pause stop, R arms, C asks for control', () => {
    expect(keyActionOf('Escape')).toEqual({ kind: 'emergencyStop' });
    expect(keyActionOf('Pause')).toEqual({ kind: 'emergencyStop' });
    expect(keyActionOf('KeyR')).toEqual({ kind: 'rearm' });
    expect(keyActionOf('KeyC')).toEqual({ kind: 'toggleControl' });
    expect(keyActionOf('KeyX')).toBeUndefined();
  });

  it('digits choose a small picture, counted from one', () => {
    expect(keyActionOf('Digit1')).toEqual({ kind: 'showSmall', index: 0 });
    expect(keyActionOf('Numpad7')).toEqual({ kind: 'showSmall', index: 6 });
    expect(keyActionOf('Digit8')).toBeUndefined();
  });
});
