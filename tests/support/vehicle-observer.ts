import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { LocalFrame, LocalFrameReader } from '../../apps/agent/src/local/framing.ts';
import { decodeVehicleState, type VehicleState } from '../../apps/agent/src/local/vehicle-state.ts';

type Waiter = {
  matches: (state: VehicleState) => boolean;
  resolve: (state: VehicleState) => void;
};

/** Watches a simulated machine at its own `vehicle.sock`: what the actuators really do, whatever a page shows. */
export class VehicleObserver {
  readonly #socket: Socket;
  #newest: VehicleState | undefined;
  #waiters: Waiter[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new LocalFrameReader((type, payload) => {
      const state = type === LocalFrame.vehicleState ? decodeVehicleState(payload) : undefined;
      if (state) this.#take(state);
    });
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {});
  }

  /** Connects to the machine of this runtime directory. */
  static async connect(runtimeDir: string): Promise<VehicleObserver> {
    const socket = createConnection(join(runtimeDir, 'vehicle.sock'));
    await once(socket, 'connect');
    const observer = new VehicleObserver(socket);
    await observer.until('a first state', () => true);
    return observer;
  }

  /** The newest state. */
  get state(): VehicleState {
    if (!this.#newest) throw new Error('the vehicle has not said anything yet');
    return this.#newest;
  }

  /** Resolves with the next state that matches; rejects with `what` and the newest state after `timeoutMs`. */
  until(
    what: string,
    matches: (state: VehicleState) => boolean,
    timeoutMs = 15_000,
  ): Promise<VehicleState> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Error(`the vehicle never showed ${what}: ${JSON.stringify(this.#newest)}`));
      }, timeoutMs);
      const waiter: Waiter = {
        matches,
        resolve: (state) => {
          clearTimeout(timer);
          resolve(state);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** Resolves when the machine follows its operator and rolls, forward or backward. */
  untilDriving(timeoutMs?: number): Promise<VehicleState> {
    const isDriving = ({ mode, speedMps }: VehicleState) =>
      mode === 'drive' && Math.abs(speedMps) > 0.6;
    return this.until('motion', isDriving, timeoutMs);
  }

  /** Resolves when the actuators hold the machine and it rolls no more. */
  untilStandstill(): Promise<VehicleState> {
    return this.until(
      'standstill',
      ({ mode, speedMps }) => mode === 'standstill' && speedMps === 0,
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(state: VehicleState): void {
    this.#newest = state;
    const matching = this.#waiters.filter((waiter) => waiter.matches(state));
    if (matching.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !matching.includes(waiter));
    for (const waiter of matching) waiter.resolve(state);
  }
}
