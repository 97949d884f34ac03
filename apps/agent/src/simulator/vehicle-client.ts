import { join } from 'node:path';
import { LocalFrame } from '../local/framing.ts';
import { LocalClient } from '../local/local-client.ts';
import { decodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';
import { createCourse } from './course.ts';
import { curvatureOf, wheelAngleOf } from './vehicle.ts';

/** A state is carried forward for at most this long; an older vehicle is shown where it was, µs. */
const maxForwardUs = 100_000;

/** The newest state of the simulated vehicle, as cameras and engine sound need it. */
export class VehicleClient {
  readonly #client: LocalClient;
  #state: VehicleState = stateAtStart();

  constructor(runtimeDir: string) {
    this.#client = new LocalClient(join(runtimeDir, 'vehicle.sock'));
    this.#client.on('frameReceived', ({ type, payload }) => {
      if (type !== LocalFrame.vehicleState) return;
      const state = decodeVehicleState(payload);
      if (state) this.#state = state;
    });
  }

  /** The newest state as it was published. */
  get newest(): VehicleState {
    return this.#state;
  }

  /** The state carried forward to `timeUs` (machine clock) along its present course. */
  at(timeUs: number): VehicleState {
    return carryForward(this.#state, timeUs);
  }

  /** Idempotent. */
  close(): void {
    this.#client.close();
  }
}

/** Where a vehicle will be at `timeUs` when it keeps speed and steering; at most 100 ms ahead. */
export function carryForward(state: VehicleState, timeUs: number): VehicleState {
  const dtS = Math.max(0, Math.min(maxForwardUs, timeUs - state.timeUs)) / 1e6;
  const turn = curvatureOf(wheelAngleOf(state.steering), state.speedMps) * state.speedMps * dtS;
  const middle = state.headingRad + turn / 2;
  return {
    ...state,
    xM: state.xM + Math.cos(middle) * state.speedMps * dtS,
    yM: state.yM + Math.sin(middle) * state.speedMps * dtS,
    headingRad: state.headingRad + turn,
  };
}

function stateAtStart(): VehicleState {
  const { start } = createCourse();
  return {
    timeUs: 0,
    modeSinceUs: 0,
    mode: 'standstill',
    xM: start.x,
    yM: start.y,
    headingRad: start.turn,
    speedMps: 0,
    steering: 0,
    drive: 0,
    brake: 1,
  };
}
