import { join } from 'node:path';
import { LocalFrame } from '../../../apps/agent/src/local/framing.ts';
import {
  decodeVehicleState,
  type VehicleState,
} from '../../../apps/agent/src/local/vehicle-state.ts';
import { LocalLink } from '../../../apps/agent/src/simulator/local-link.ts';

type Waiter = { isMet: (state: VehicleState) => boolean; resolve: (state: VehicleState) => void };

/** Reads along what the vehicle's actuators do, from its own socket. */
export class VehicleObserver {
  readonly #link: LocalLink;
  readonly #waiters = new Set<Waiter>();
  newest: VehicleState | undefined;

  constructor(runtimeDir: string) {
    this.#link = new LocalLink(join(runtimeDir, 'vehicle.sock'), {
      onFrame: (type, payload) => {
        const state = type === LocalFrame.vehicleState ? decodeVehicleState(payload) : undefined;
        if (state) this.#handleState(state);
      },
    });
  }

  /** The first state from now on that meets the condition, or undefined when none comes in time. */
  until(isMet: Waiter['isMet'], timeoutMs: number): Promise<VehicleState | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      const waiter = { isMet, resolve: (state: VehicleState) => finish(state) };
      const finish = (state: VehicleState | undefined) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(state);
      };
      this.#waiters.add(waiter);
    });
  }

  close(): void {
    this.#link.close();
  }

  #handleState(state: VehicleState): void {
    this.newest = state;
    for (const waiter of [...this.#waiters]) if (waiter.isMet(state)) waiter.resolve(state);
  }
}
