import { join } from 'node:path';
import type { Clock } from '@longreach/kit';
import { LocalFrame } from '../local/framing.ts';
import { LocalClient } from '../local/local-client.ts';
import { decodeReleasedCommand } from '../local/released-command.ts';
import { encodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';
import { Actuators } from './actuators.ts';
import { createClearance, createCourse } from './course.ts';
import { StatePublisher } from './state-publisher.ts';
import { restingVehicle, steeringOf, stepVehicle, type VehicleMotion } from './vehicle.ts';

const stepUs = 5_000;
/** State goes out with every second step: 100 Hz. */
const publishEverySteps = 2;
/** Bytes of states that may wait for a guard that does not read; beyond, it misses some: only the newest counts. */
const maxWaitingBytes = 64 * 1024;
/** Steps made up for after a stall; a longer one is skipped, the vehicle stands still meanwhile. */
const maxStepsAtOnce = 40;

/** The simulated vehicle: actuators fed by the guard, dynamics at 200 Hz, state to everybody who listens. */
export class VehicleProcess {
  readonly #clock: Clock;
  readonly #publisher: StatePublisher;
  readonly #guard: LocalClient;
  readonly #actuators: Actuators;
  readonly #clearanceAt: ReturnType<typeof createClearance>;
  #motion: VehicleMotion;
  #simulatedUs: number;
  #steps = 0;
  #timer: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;

  private constructor(runtimeDir: string, publisher: StatePublisher, clock: Clock) {
    const course = createCourse();
    this.#clock = clock;
    this.#publisher = publisher;
    this.#clearanceAt = createClearance(course);
    this.#motion = restingVehicle(course.start.x, course.start.y, course.start.turn);
    this.#simulatedUs = clock.nowUs();
    this.#actuators = new Actuators(this.#simulatedUs);
    this.#guard = new LocalClient(join(runtimeDir, 'guard.sock'));
    this.#guard.on('connected', () => this.#guard.sendJson({ hello: 'actuator' }));
    this.#guard.on('frameReceived', ({ type, payload }) => this.#handleFrame(type, payload));
    this.#timer = setInterval(() => this.#advance(), stepUs / 1000);
  }

  /** Listens on `vehicle.sock`, connects to `guard.sock` and starts at standstill. */
  static async start(runtimeDir: string, clock: Clock): Promise<VehicleProcess> {
    const publisher = await StatePublisher.listen(join(runtimeDir, 'vehicle.sock'));
    return new VehicleProcess(runtimeDir, publisher, clock);
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#deadline);
    this.#guard.close();
    this.#publisher.close();
  }

  #handleFrame(type: number, payload: Buffer): void {
    if (type !== LocalFrame.released) return;
    const command = decodeReleasedCommand(payload);
    if (!command) return;
    const changed = this.#actuators.handleReleased(command, this.#clock.nowUs());
    this.#armDeadline();
    if (changed) this.#publish();
  }

  /** Its own timer: the valid-until is kept even between two steps. */
  #armDeadline(): void {
    clearTimeout(this.#deadline);
    const deadlineUs = this.#actuators.deadlineUs;
    if (deadlineUs === undefined) return;
    const waitMs = Math.max(0, Math.ceil((deadlineUs - this.#clock.nowUs()) / 1000));
    this.#deadline = setTimeout(() => {
      if (this.#actuators.handleTime(this.#clock.nowUs())) this.#publish();
    }, waitMs);
  }

  #advance(): void {
    const nowUs = this.#clock.nowUs();
    const changed = this.#actuators.handleTime(nowUs);
    if (nowUs - this.#simulatedUs > maxStepsAtOnce * stepUs) {
      this.#simulatedUs = nowUs - maxStepsAtOnce * stepUs;
    }
    let isDue = changed;
    while (this.#simulatedUs + stepUs <= nowUs) {
      this.#simulatedUs += stepUs;
      const { input } = this.#actuators.state;
      this.#motion = stepVehicle(this.#motion, input, stepUs / 1e6, this.#clearanceAt);
      if (++this.#steps % publishEverySteps === 0) isDue = true;
    }
    if (isDue) this.#publish();
  }

  #publish(): void {
    const state = encodeVehicleState(this.#state());
    this.#publisher.publish(LocalFrame.vehicleState, state);
    this.#guard.send(LocalFrame.vehicleState, state, maxWaitingBytes);
  }

  #state(): VehicleState {
    const { mode, modeSinceUs, input } = this.#actuators.state;
    const { xM, yM, headingRad, speedMps, wheelAngleRad } = this.#motion;
    return {
      timeUs: this.#clock.nowUs(),
      modeSinceUs,
      mode,
      xM,
      yM,
      headingRad,
      speedMps,
      // The wheels' real place: they follow the set-point at a limited rate.
      steering: steeringOf(wheelAngleRad),
      drive: input.drive,
      brake: input.brake,
    };
  }
}
