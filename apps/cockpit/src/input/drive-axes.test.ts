import { expect, it } from 'vitest';
import { toDriveInput, toScreenSteering } from './drive-axes.ts';

it('right on the screen is negative on the wire, and back', () => {
  const sample = {
    steering: 0.5,
    drive: 0.7,
    brake: 0,
    device: 'keyboard',
    gamepad: 'absent',
  } as const;
  const { axes } = toDriveInput(sample);
  expect(axes).toEqual([-0.5, 0.7, 0]);
  expect(toScreenSteering(axes[0] ?? Number.NaN)).toBe(0.5);
  expect(toDriveInput({ ...sample, steering: 0 }).axes[0]).toBe(0);
});
