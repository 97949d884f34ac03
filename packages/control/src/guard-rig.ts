import type { Command, DriveCommand } from '@longreach/protocol';
import { Guard } from './guard.ts';
import type { GuardOutput } from './guard-output.ts';
import type { GuardProfile } from './guard-profile.ts';
import type { ReleasedOrder } from './released-order.ts';

/** Token of the lease that a rig grants. */
export const rigToken = '0123456789abcdef';
const ms = 1000;

/** A guard under a manual clock with a master and an actuator, for tests. Times are ms since the rig's start. */
export class GuardRig {
  readonly guard: Guard;
  readonly outputs: GuardOutput[] = [];
  epoch = 5;
  #sequence = 0;
  // Far from zero, so that pictures older than the start have a capture time too.
  readonly #originUs = 1_000_000_000;
  #nowMs = 0;

  constructor(profile: Partial<GuardProfile> = {}) {
    this.guard = new Guard({ nowUs: this.#originUs, epoch: this.epoch, profile });
    this.collect(this.guard.handleTime(this.nowUs));
    this.collect(this.guard.handleActuators(1, this.nowUs));
    this.collect(this.guard.handleLease({ epoch: this.epoch, token: rigToken }, this.nowUs));
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get nowUs(): number {
    return this.#originUs + this.#nowMs * ms;
  }

  /** Orders so far, opaque ones aside. */
  get orders(): ReleasedOrder[] {
    return this.outputs.flatMap((output) =>
      output.type === 'ordered' && output.order.mode !== 'opaque' ? [output.order] : [],
    );
  }

  get lastOrder(): ReleasedOrder | undefined {
    return this.orders.at(-1);
  }

  /** Codes of the refusals so far. */
  get refusals(): number[] {
    return this.outputs.flatMap((output) => (output.type === 'refused' ? [output.code] : []));
  }

  get modes(): string[] {
    return this.outputs.flatMap((output) =>
      output.type === 'modeChanged' ? [`${output.mode}:${output.reason}`] : [],
    );
  }

  collect(outputs: GuardOutput[]): GuardOutput[] {
    this.outputs.push(...outputs);
    return outputs;
  }

  /** Moves time to `toMs` as a server would: waking the guard at each of its deadlines. */
  runTo(toMs: number): void {
    const toUs = this.#originUs + toMs * ms;
    while (this.guard.nextDeadlineUs <= toUs) {
      this.#nowMs = Math.max(this.#nowMs, (this.guard.nextDeadlineUs - this.#originUs) / ms);
      this.collect(this.guard.handleTime(this.nowUs));
    }
    this.#nowMs = toMs;
  }

  /** Moves time without waking the guard, as if its process had been held. */
  stallTo(toMs: number): void {
    this.#nowMs = toMs;
  }

  send(command: Command): GuardOutput[] {
    return this.collect(this.guard.handleCommand(command, this.nowUs));
  }

  /** A drive command of the master with a picture `ageMs` old. */
  drive(overrides: Partial<DriveCommand> = {}, ageMs = 60): GuardOutput[] {
    return this.send({
      ...this.#header(ageMs),
      kind: 'drive',
      axes: [0.1, 0.5, 0],
      buttons: 0,
      ...overrides,
    });
  }

  rearm(overrides: Partial<Command> = {}, ageMs = 60): GuardOutput[] {
    return this.send({ ...this.#header(ageMs), kind: 'rearm', ...overrides } as Command);
  }

  opaque(overrides: Partial<Command> = {}): GuardOutput[] {
    const payload = Uint8Array.of(1, 2);
    return this.send({ ...this.#header(60), kind: 'opaque', payload, ...overrides } as Command);
  }

  emergencyStop(): GuardOutput[] {
    const header = { sequence: 0, epoch: 0, token: '0000000000000000', ttlMs: 1 };
    return this.send({ ...header, kind: 'emergencyStop', captureTimeUs: 0, inputTimeMs: 0 });
  }

  /** Re-arms and drives, so that the machine moves. */
  start(ageMs = 60): this {
    this.rearm({}, ageMs);
    this.drive({}, ageMs);
    return this;
  }

  #header(ageMs: number) {
    this.#sequence++;
    return {
      sequence: this.#sequence,
      epoch: this.epoch,
      token: rigToken,
      ttlMs: 1000,
      captureTimeUs: this.nowUs - ageMs * ms,
      inputTimeMs: 1234.5,
    };
  }
}
