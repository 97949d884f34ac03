import { assertInvariant } from '@longreach/kit';
import {
  type Command,
  type DriveCommand,
  type GuardMode,
  type OpaqueCommand,
  type RearmCommand,
  RefusalCode,
} from '@longreach/protocol';
import { type GuardLease, refuseByLease } from './command-lease.ts';
import type { GuardOutput, ModeReason } from './guard-output.ts';
import { createGuardProfile, type GuardProfile } from './guard-profile.ts';
import { brakeAtUs, brakeLevel, isPictureFresh, type Motion, stopAtUs } from './motion.ts';
import {
  areAxesValid,
  brakeOrder,
  driveOrder,
  machineAxes,
  type OrderFrame,
  opaqueOrder,
  type ReleasedOrder,
  standstillOrder,
} from './released-order.ts';
import { SequenceGate } from './sequence-gate.ts';

/** How a guard starts. */
export type GuardOptions = {
  /** Machine clock at the start, µs; the first standstill order is due then. */
  nowUs: number;
  /** Epoch of the free lease at the start. */
  epoch: number;
  /** Limits that differ from the defaults. */
  profile?: Partial<GuardProfile>;
};

/** What the guard has done since it started. */
export type GuardCounters = {
  /** Operator's commands released (drive, brake while the loop is old, opaque). */
  released: number;
  refused: number;
  lastRefusal: RefusalCode;
  /** Sequence and echoed capture time of the newest released motion command of this epoch; 0 = none. */
  releasedSequence: number;
  releasedCaptureTimeUs: number;
};

/** No motion is permitted, or motion is, with what it rests on. */
type State =
  | { mode: 'stopped' | 'emergency' | 'fault' }
  | { mode: 'armed' | 'braking'; motion: Motion };

/**
 * The machine's last word on motion: decides which command reaches the actuators, and stops the machine
 * by itself when commands or pictures stay away. Pure; rules in SPEC.md. Every `handle…` gives what to do, in order.
 */
export class Guard {
  readonly #profile: Readonly<GuardProfile>;
  readonly #sequences = new SequenceGate();
  readonly #counters: GuardCounters = {
    released: 0,
    refused: 0,
    lastRefusal: RefusalCode.None,
    releasedSequence: 0,
    releasedCaptureTimeUs: 0,
  };
  #state: State = { mode: 'stopped' };
  #lease: GuardLease;
  #actuators = 0;
  /** Held while the machine stops by itself: neither straightening nor turning is safer in general. */
  #steering = 0;
  #nowUs: number;
  /** When the next brake or standstill order is due. */
  #repeatAtUs: number;
  #outputs: GuardOutput[] = [];

  constructor(options: GuardOptions) {
    this.#profile = createGuardProfile(options.profile);
    this.#nowUs = options.nowUs;
    this.#repeatAtUs = options.nowUs;
    this.#lease = { epoch: options.epoch, token: null };
  }

  /** What the guard is doing. */
  get mode(): GuardMode {
    return this.#state.mode;
  }

  /** Epoch of the newest lease that the guard knows. */
  get epoch(): number {
    return this.#lease.epoch;
  }

  /** Actuators that are connected. */
  get actuators(): number {
    return this.#actuators;
  }

  /** Counters since the start, as they are now. */
  get counters(): Readonly<GuardCounters> {
    return this.#counters;
  }

  /** When `handleTime` is due next, machine clock, µs. */
  get nextDeadlineUs(): number {
    const state = this.#state;
    switch (state.mode) {
      case 'armed':
        return Math.min(
          brakeAtUs(state.motion, this.#profile),
          stopAtUs(state.motion, this.#profile),
        );
      case 'braking':
        return Math.min(this.#repeatAtUs, stopAtUs(state.motion, this.#profile));
      default:
        return this.#repeatAtUs;
    }
  }

  /** Time has come to `nowUs`. */
  handleTime(nowUs: number): GuardOutput[] {
    this.#passTime(nowUs);
    return this.#takeOutputs();
  }

  /** A decoded command arrived. */
  handleCommand(command: Command, nowUs: number): GuardOutput[] {
    this.#passTime(nowUs);
    if (command.kind === 'emergencyStop') {
      this.#stop('emergency', 'emergencyStop');
      return this.#takeOutputs();
    }
    const code = refuseByLease(command, this.#lease) ?? this.#take(command);
    if (code !== undefined) this.#refuse(code, command);
    return this.#takeOutputs();
  }

  /** Bytes arrived that are no command. */
  handleMalformed(nowUs: number): GuardOutput[] {
    this.#passTime(nowUs);
    this.#refuse(RefusalCode.Malformed);
    return this.#takeOutputs();
  }

  /** Somebody stops the machine, whoever it is. */
  handleEmergencyStop(nowUs: number): GuardOutput[] {
    this.#passTime(nowUs);
    this.#stop('emergency', 'emergencyStop');
    return this.#takeOutputs();
  }

  /** The lease is now this one; `token` is null when nobody holds it. */
  handleLease(lease: GuardLease, nowUs: number): GuardOutput[] {
    assertInvariant(lease.epoch >= this.#lease.epoch, 'the lease epoch only grows');
    this.#passTime(nowUs);
    const ended = lease.epoch !== this.#lease.epoch || lease.token === null;
    if (lease.epoch !== this.#lease.epoch) {
      this.#sequences.reset();
      this.#counters.releasedSequence = 0;
      this.#counters.releasedCaptureTimeUs = 0;
    }
    this.#lease = { ...lease };
    if (ended && 'motion' in this.#state) this.#stop('stopped', 'leaseEnded');
    return this.#takeOutputs();
  }

  /** So many actuators are connected now. */
  handleActuators(count: number, nowUs: number): GuardOutput[] {
    this.#passTime(nowUs);
    const lost = count < this.#actuators;
    const came = count > this.#actuators;
    this.#actuators = count;
    if (lost && 'motion' in this.#state) this.#stop('fault', 'actuatorLost');
    // A new actuator needs the standing order now, not at its next repetition.
    else if (came && this.#state.mode !== 'armed') this.#repeatOrder();
    return this.#takeOutputs();
  }

  #take(command: DriveCommand | OpaqueCommand | RearmCommand): RefusalCode | undefined {
    switch (command.kind) {
      case 'drive':
        return this.#takeDrive(command);
      case 'rearm':
        return this.#takeRearm(command);
      case 'opaque':
        return this.#takeOpaque(command);
    }
  }

  #takeDrive(command: DriveCommand): RefusalCode | undefined {
    if (!areAxesValid(command.axes)) return RefusalCode.Malformed;
    if (!this.#sequences.takeDrive(command.sequence)) return RefusalCode.OutOfOrder;
    const state = this.#state;
    const moves = 'motion' in state;
    if (!moves && command.axes.every((axis) => axis === 0)) return undefined;
    if (command.ttlMs <= 0) return RefusalCode.Expired;
    if (!isPictureFresh(command.captureTimeUs, this.#nowUs, this.#profile)) {
      return RefusalCode.StalePicture;
    }
    if (!moves) {
      return state.mode === 'emergency' ? RefusalCode.EmergencyStop : RefusalCode.NotArmed;
    }
    this.#release(command);
    return undefined;
  }

  #release(command: DriveCommand): void {
    const [steering = 0, , brake = 0] = machineAxes(command.axes);
    const motion: Motion = {
      freshUs: this.#nowUs,
      holdUs: 1000 * Math.min(command.ttlMs, this.#profile.silenceBrakeMs),
      captureUs: Math.min(command.captureTimeUs, this.#nowUs),
      brake,
    };
    this.#steering = steering;
    this.#counters.released++;
    this.#counters.releasedSequence = command.sequence;
    this.#counters.releasedCaptureTimeUs = command.captureTimeUs;
    if (this.#nowUs >= stopAtUs(motion, this.#profile)) {
      this.#stop('stopped', 'loopAge');
    } else if (this.#nowUs >= brakeAtUs(motion, this.#profile)) {
      this.#enterMotion('braking', motion, 'loopAge');
      this.#orderBrake(motion, command);
    } else {
      this.#enterMotion('armed', motion, 'fresh');
      const validUntilUs = Math.min(
        motion.freshUs + motion.holdUs + 1000 * this.#profile.handoverMs,
        stopAtUs(motion, this.#profile),
      );
      this.#order(driveOrder(command, this.#frame(validUntilUs)));
    }
  }

  #takeRearm(command: RearmCommand): RefusalCode | undefined {
    if (!this.#sequences.takeRearm(command.sequence)) return RefusalCode.OutOfOrder;
    const nowUs = this.#nowUs;
    if (!isPictureFresh(command.captureTimeUs, nowUs, this.#profile)) {
      return RefusalCode.StalePicture;
    }
    if (this.#actuators === 0) return RefusalCode.NotArmed;
    // A re-arm carries no set-points, so it keeps no motion alive.
    if ('motion' in this.#state) return undefined;
    const holdUs = 1000 * this.#profile.silenceBrakeMs;
    const captureUs = Math.min(command.captureTimeUs, nowUs);
    // The machine stands with full brake: until it is told to drive, nothing may brake it less.
    this.#enterMotion('armed', { freshUs: nowUs, holdUs, captureUs, brake: 1 }, 'rearmed');
    return undefined;
  }

  #takeOpaque(command: OpaqueCommand): RefusalCode | undefined {
    if (!this.#sequences.takeOpaque(command.sequence)) return RefusalCode.OutOfOrder;
    if (command.ttlMs <= 0) return RefusalCode.Expired;
    this.#counters.released++;
    this.#order(opaqueOrder(command, this.#frame(this.#nowUs + 1000 * command.ttlMs)));
    return undefined;
  }

  /** Does what is due by `nowUs`. The clock of the guard never runs backwards, whatever the caller's does. */
  #passTime(nowUs: number): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    const state = this.#state;
    if ('motion' in state && this.#nowUs >= stopAtUs(state.motion, this.#profile)) {
      const silentUs = this.#nowUs - state.motion.freshUs;
      const silent = silentUs >= 1000 * this.#profile.silenceStopMs;
      this.#stop('stopped', silent ? 'silence' : 'loopAge');
    } else if (state.mode === 'armed') {
      this.#brakeWhenDue(state.motion);
    } else if (this.#nowUs >= this.#repeatAtUs) {
      this.#repeatOrder();
    }
  }

  #brakeWhenDue(motion: Motion): void {
    if (this.#nowUs < brakeAtUs(motion, this.#profile)) return;
    const silent = this.#nowUs >= motion.freshUs + motion.holdUs;
    this.#enterMotion('braking', motion, silent ? 'silence' : 'loopAge');
    this.#orderBrake(motion);
  }

  #repeatOrder(): void {
    if ('motion' in this.#state) this.#orderBrake(this.#state.motion);
    else this.#orderStandstill();
  }

  #orderBrake(motion: Motion, command?: DriveCommand): void {
    const level = brakeLevel(motion, this.#nowUs, this.#profile);
    this.#repeatAtUs = this.#nowUs + 1000 * this.#profile.brakeRepeatMs;
    // Never past the stop: should the guard die now, the actuator stops in time by itself.
    const validUntilUs = Math.min(
      this.#nowUs + 1000 * this.#profile.brakeValidMs,
      stopAtUs(motion, this.#profile),
    );
    this.#order(brakeOrder(this.#steering, level, this.#frame(validUntilUs), command));
  }

  #orderStandstill(): void {
    this.#repeatAtUs = this.#nowUs + 1000 * this.#profile.standstillRepeatMs;
    const validUntilUs = this.#nowUs + 1000 * this.#profile.standstillValidMs;
    this.#order(standstillOrder(this.#steering, this.#frame(validUntilUs)));
  }

  #enterMotion(mode: 'armed' | 'braking', motion: Motion, reason: ModeReason): void {
    const changed = this.#state.mode !== mode;
    this.#state = { mode, motion };
    if (changed) this.#outputs.push({ type: 'modeChanged', mode, reason });
  }

  #stop(mode: 'stopped' | 'emergency' | 'fault', reason: ModeReason): void {
    this.#sequences.noteStop();
    if (this.#state.mode === mode) return;
    this.#state = { mode };
    this.#orderStandstill();
    this.#outputs.push({ type: 'modeChanged', mode, reason });
  }

  #refuse(code: RefusalCode, command?: Command): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = code;
    this.#outputs.push({
      type: 'refused',
      code,
      ...(command && { kind: command.kind, sequence: command.sequence }),
    });
  }

  #frame(validUntilUs: number): OrderFrame {
    return { epoch: this.#lease.epoch, nowUs: this.#nowUs, validUntilUs };
  }

  #order(order: ReleasedOrder): void {
    this.#outputs.push({ type: 'ordered', order });
  }

  #takeOutputs(): GuardOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
