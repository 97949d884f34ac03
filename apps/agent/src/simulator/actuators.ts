import type { ReleasedCommand } from '../local/released-command.ts';
import type { ActuatorMode } from '../local/vehicle-state.ts';
import type { VehicleInput } from './vehicle.ts';

/** What the actuators follow, and since when (machine clock, µs). */
export type ActuatorState = { mode: ActuatorMode; modeSinceUs: number; input: VehicleInput };

/**
 * The actuators: follow the guard's newest order until its valid-until has passed, then stand still by themselves.
 * Pure; time is given.
 */
export class Actuators {
  #state: ActuatorState;
  #validUntilUs = 0;
  #newestReleasedUs = 0;

  constructor(nowUs: number) {
    this.#state = { mode: 'standstill', modeSinceUs: nowUs, input: standstillInput(0) };
  }

  get state(): ActuatorState {
    return this.#state;
  }

  /** When the present order ends by itself, µs; undefined at standstill. */
  get deadlineUs(): number | undefined {
    return this.#state.mode === 'standstill' ? undefined : this.#validUntilUs;
  }

  /** Takes an order of the guard; an older one than the newest is ignored. Says whether the mode changed. */
  handleReleased(command: ReleasedCommand, nowUs: number): boolean {
    if (command.mode === 'opaque' || command.releasedTimeUs < this.#newestReleasedUs) return false;
    this.#newestReleasedUs = command.releasedTimeUs;
    this.#validUntilUs = command.validUntilUs;
    if (command.mode !== 'standstill' && nowUs >= command.validUntilUs) return this.#stand(nowUs);
    const [steering = 0, drive = 0, brake = 0] = command.axes.map(finite);
    switch (command.mode) {
      case 'drive':
        return this.#enter('drive', { steering, drive, brake }, nowUs);
      case 'brake':
        return this.#enter('brake', { steering, drive: 0, brake }, nowUs);
      case 'standstill':
        return this.#stand(nowUs);
    }
  }

  /** Time passes; says whether the mode changed. */
  handleTime(nowUs: number): boolean {
    if (this.#state.mode === 'standstill' || nowUs < this.#validUntilUs) return false;
    return this.#stand(nowUs);
  }

  #stand(nowUs: number): boolean {
    return this.#enter('standstill', standstillInput(this.#state.input.steering), nowUs);
  }

  #enter(mode: ActuatorMode, input: VehicleInput, nowUs: number): boolean {
    const isNew = mode !== this.#state.mode;
    this.#state = { mode, modeSinceUs: isNew ? nowUs : this.#state.modeSinceUs, input };
    return isNew;
  }
}

/** Full brake; the wheels stay where they are, turning them now would only surprise. */
function standstillInput(steering: number): VehicleInput {
  return { steering, drive: 0, brake: 1 };
}

function finite(axis: number): number {
  return Number.isFinite(axis) ? axis : 0;
}
