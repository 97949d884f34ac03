import type { DriveInput } from '@longreach/sdk';
import type { InputSample } from './input-mix.ts';

/**
 * The axes of a drive command: 0 steering, 1 drive (negative is reverse), 2 brake.
 * On the wire steering is positive to the left (the machine's mathematical sense); here on screen to the right.
 */
export function toDriveInput(sample: InputSample): DriveInput {
  // `0 - x` and not `-x`: no negative zero.
  return { axes: [0 - sample.steering, sample.drive, sample.brake] };
}

/** The screen's sense of a steering that the machine reported. */
export function toScreenSteering(machineSteering: number): number {
  return 0 - machineSteering;
}
