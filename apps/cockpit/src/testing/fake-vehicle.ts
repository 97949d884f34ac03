import type { DriveInput } from '@longreach/sdk';

/** A crude vehicle for pictures of the cockpit; test-only. */
export class FakeVehicle {
  speedMps = 0;
  headingRad = 0;
  wayM = 0;
  input: DriveInput = { axes: [0, 0, 0] };

  /** Moves on by `dtS` seconds; `isArmed` false brakes. */
  step(dtS: number, isArmed: boolean): void {
    const [steering = 0, drive = 0, brake = 0] = this.input.axes;
    const push = isArmed ? drive * 3 : 0;
    const slow = (isArmed ? brake * 8 : 6) + 0.4;
    const pushed = this.speedMps + push * dtS;
    this.speedMps = Math.sign(pushed) * Math.max(0, Math.abs(pushed) - slow * dtS);
    this.headingRad += (steering * this.speedMps * dtS) / 6;
    this.wayM += this.speedMps * dtS;
  }
}
