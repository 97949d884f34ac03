import { describe, expect, it } from 'vitest';
import type { GamepadReading } from './gamepad-reading.ts';
import { type InputMixInput, type InputMixState, initialMix, mixInputs } from './input-mix.ts';
import { noKeys } from './keyboard-ramp.ts';

const resting: GamepadReading = {
  steering: 0,
  throttle: 0,
  brake: 0,
  reverse: false,
  emergencyStop: false,
  rearm: false,
};
const idle: InputMixInput = { keys: noKeys, gamepad: undefined, speedMps: 0, permitted: true };

function run(steps: Partial<InputMixInput>[], from: InputMixState = initialMix) {
  let state = from;
  let sample: ReturnType<typeof mixInputs>['sample'] | undefined;
  steps.forEach((step, i) => {
    const out = mixInputs(state, { ...idle, ...step }, 1000 + 20 * i);
    state = out.state;
    sample = out.sample;
  });
  if (!sample) throw new Error('no step');
  return { state, sample };
}

describe('input mix', () => {
  it('uses the gamepad once it has rested', () => {
    const { sample } = run([
      { gamepad: resting },
      { gamepad: { ...resting, throttle: 0.7, steering: -0.3 } },
    ]);
    expect(sample).toMatchObject({
      drive: 0.7,
      steering: -0.3,
      device: 'gamepad',
      gamepad: 'ready',
    });
  });

  it('ignores a trigger that is held while the pad appears', () => {
    const held = { ...resting, throttle: 1 };
    const { sample } = run([{ gamepad: held }, { gamepad: held }]);
    expect(sample).toMatchObject({ drive: 0, gamepad: 'release first' });
  });

  it('ignores a trigger that is held while motion becomes permitted', () => {
    const held = { ...resting, throttle: 1 };
    const { sample } = run([
      { gamepad: resting },
      { gamepad: held, permitted: false },
      { gamepad: held },
    ]);
    expect(sample).toMatchObject({ drive: 0, gamepad: 'release first' });
  });

  it('is neutral when the active gamepad is lost, and says so', () => {
    const { sample, state } = run([
      { gamepad: resting },
      { gamepad: { ...resting, throttle: 1, steering: 1 } },
      { gamepad: undefined },
    ]);
    expect(sample).toMatchObject({ drive: 0, steering: 0, device: 'none', gamepad: 'lost' });
    const back = run([{ gamepad: { ...resting, throttle: 1 } }], state);
    expect(back.sample.drive).toBe(0);
  });

  it('the keyboard takes over from a gamepad, and the strongest brake wins', () => {
    const keys = { ...noKeys, forward: true };
    const pad = { ...resting, throttle: 0.2 };
    const { sample } = run([
      { gamepad: resting },
      { gamepad: pad },
      { gamepad: pad, keys },
      { gamepad: pad, keys },
    ]);
    expect(sample.device).toBe('keyboard');
    const braked = run([{ gamepad: resting }, { gamepad: { ...pad, brake: 0.6 }, keys }]);
    expect(braked.sample).toMatchObject({ brake: 0.6, drive: 0 });
  });

  it('changes gear only while the throttle rests', () => {
    const forward = run([{ gamepad: resting }, { gamepad: { ...resting, throttle: 1 } }]);
    const shifted = run([{ gamepad: { ...resting, throttle: 1, reverse: true } }], forward.state);
    expect(shifted.sample.drive).toBe(1);
    const reversed = run(
      [
        { gamepad: { ...resting, reverse: true } },
        { gamepad: { ...resting, throttle: 1, reverse: true } },
      ],
      shifted.state,
    );
    expect(reversed.sample.drive).toBe(-1);
  });

  it('is neutral without permission, and the ramp starts anew after it', () => {
    const keys = { ...noKeys, forward: true };
    const held = run(Array.from({ length: 100 }, () => ({ keys })));
    expect(held.sample.drive).toBeGreaterThan(0.9);
    const stopped = run([{ keys, permitted: false }], held.state);
    expect(stopped.sample).toMatchObject({ drive: 0, steering: 0, brake: 0, device: 'none' });
    expect(run([{ keys }, { keys }], stopped.state).sample.drive).toBeLessThan(0.05);
  });
});
