import { limits, RefusalCode, readCommandSequence, type StateReport } from '@longreach/protocol';
import type { DriveInput, PermissionEvent } from '../api.ts';
import { type CommandBasis, CommandBuilder } from '../command/command-builder.ts';
import { refusalOf } from '../command/command-gate.ts';
import { CommandStream } from '../command/command-stream.ts';
import { ControlDataLimits } from '../command/control-data-limits.ts';
import { CommandTraffic } from '../diagnosis/command-traffic.ts';
import { commandNotSent, mediaFailed } from '../errors.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import type { LeaseView } from './lease-view.ts';
import { MainStream } from './main-stream.ts';
import type { Monitors } from './monitors.ts';
import type { SessionContext } from './session-context.ts';

export type DrivingOptions = {
  mainStreamId: () => number;
  sample: () => DriveInput | undefined;
  hz?: number;
};

export type SessionControlOptions = {
  context: SessionContext;
  lease: LeaseView;
  monitors: Monitors;
  connection: () => MediaConnection | undefined;
};

const defaultHz = 50;
/** Copies of an emergency stop on the channel that may lose it. */
const emergencyCopies = 3;
/** The same refusal of the machine is told again after this, ms: each state report may count some. */
const machineRefusalPeriodMs = 1000;

/** Everything that goes to the machine: permission, driving, opaque data, stops. */
export class SessionControl {
  readonly #options: SessionControlOptions;
  readonly #builder = new CommandBuilder();
  readonly #dataLimits = new ControlDataLimits();
  readonly #mainStream = new MainStream();
  /** What becomes of commands, for the diagnosis. */
  readonly traffic = new CommandTraffic();
  #stream: CommandStream | undefined;
  /** Undefined until driving began: any picture on screen is then what the operator acts on. */
  #mainStreamId: (() => number) | undefined;
  #machineRefusal: { code: RefusalCode; atMs: number } | undefined;

  constructor(options: SessionControlOptions) {
    this.#options = options;
  }

  /** Asks the machine for the lease, or gives it back. */
  async requestPermission(permission: 'master' | 'guest'): Promise<PermissionEvent> {
    const { context, lease } = this.#options;
    const deviceId = context.deviceId as never;
    const reply = await context.link.request('permission', { deviceId, permission });
    const event = lease.update(reply.lease);
    if (event) context.emit('permissionChanged', event);
    return lease.event();
  }

  /** Starts the command stream in place of an earlier one. */
  startDriving(options: DrivingOptions): () => void {
    this.#stream?.stop();
    const { context } = this.#options;
    const { deviceId, clock } = context;
    this.#mainStreamId = options.mainStreamId;
    const stream = new CommandStream({
      hz: options.hz ?? defaultHz,
      clock,
      sample: options.sample,
      refusal: () => this.#refusal(),
      send: (input) => this.#drive(input),
      onRefused: (code) => context.emit('commandRefused', { deviceId, code, by: 'client' }),
      onError: (error) => context.emit('errorOccurred', error),
    });
    this.#stream = stream;
    return () => stream.stop();
  }

  /** Permits motion again. */
  rearm(): void {
    const held = this.#held();
    this.#sendReliable(this.#builder.rearm(held, this.#basis()));
  }

  /** Opaque bytes to the machine. */
  sendControlData(data: Uint8Array, qos: 0 | 1): void {
    const held = this.#held();
    const nowUs = this.#options.context.clock.nowMs() * 1000;
    const refusal = this.#dataLimits.check(data.length, qos, nowUs);
    if (refusal === RefusalCode.TooLarge) {
      const max = qos === 1 ? limits.reliablePayloadBytes : limits.unreliablePayloadBytes;
      throw commandNotSent(refusal, `control data has at most ${max} bytes with qos ${qos}`);
    }
    if (refusal !== RefusalCode.None) throw commandNotSent(refusal, 'too much control data');
    const bytes = this.#builder.opaque(held, this.#basis(), data, qos);
    if (qos === 1) {
      this.#sendReliable(bytes);
      return;
    }
    // Something still buffered: a frame that may be lost is dropped, never queued.
    const result = this.#options.connection()?.send('control', bytes) ?? 'notOpen';
    if (result === 'notOpen') throw mediaFailed('there is no path to the machine');
  }

  /** Stops the machine on every path at once; resolves when at least one of them took it. */
  async emergencyStop(): Promise<void> {
    const { context, connection } = this.#options;
    const signaled = context.link.request('emergencyStop', {
      deviceId: context.deviceId as never,
    });
    const path = connection();
    const bytes = this.#builder.emergencyStop(this.#basis());
    let left = path?.sendUrgent('command', bytes) ?? false;
    for (let copy = 0; copy < emergencyCopies; copy++) {
      left = (path?.sendUrgent('control', bytes) ?? false) || left;
    }
    try {
      await signaled;
    } catch (error) {
      if (!left) throw error;
    }
  }

  /** The machine's own count of refusals; tells when it grew under our lease. */
  handleState(report: StateReport, previous: StateReport | undefined): void {
    this.traffic.handleState(report, this.#options.context.clock.nowMs());
    const { context, lease } = this.#options;
    if (lease.held()?.epoch !== report.epoch || previous?.epoch !== report.epoch) return;
    if (report.refused <= previous.refused || report.lastRefusal === RefusalCode.None) return;
    const nowMs = context.clock.nowMs();
    const told = this.#machineRefusal;
    const code = report.lastRefusal;
    if (told?.code === code && nowMs - told.atMs < machineRefusalPeriodMs) return;
    this.#machineRefusal = { code, atMs: nowMs };
    context.emit('commandRefused', { deviceId: context.deviceId, code, by: 'machine' });
  }

  /** Idempotent. */
  close(): void {
    this.#stream?.stop();
  }

  #refusal(): RefusalCode {
    const { context, lease, monitors } = this.#options;
    return refusalOf({
      isPageVisible: context.isPageVisible(),
      isMaster: lease.held() !== undefined,
      pictureAgeMs: this.#mainStreamId
        ? monitors.ageMs(this.#mainStreamId())
        : Number.POSITIVE_INFINITY,
    });
  }

  #drive(input: DriveInput): void {
    const held = this.#options.lease.held();
    const connection = this.#options.connection();
    if (!held) return;
    this.#tellMainStream(held.epoch);
    const nowMs = this.#options.context.clock.nowMs();
    if (!connection?.isFree('control')) {
      this.traffic.handleBlocked(nowMs);
      return;
    }
    const bytes = this.#builder.drive(held, this.#basis(), input);
    connection.send('control', bytes);
    this.traffic.handleSent(readCommandSequence(bytes), nowMs);
  }

  #tellMainStream(epoch: number): void {
    const { clock, deviceId, link } = this.#options.context;
    const streamId = this.#mainStreamId?.();
    if (streamId === undefined || !this.#mainStream.takeDue(streamId, epoch, clock.nowMs())) return;
    // A refusal changes nothing for the operator: quality is divided as before, and it is told again soon.
    link.request('setMainStream', { deviceId: deviceId as never, streamId }).catch(() => {});
  }

  #sendReliable(bytes: Uint8Array<ArrayBuffer>): void {
    const result = this.#options.connection()?.send('command', bytes) ?? 'notOpen';
    if (result === 'notOpen') throw mediaFailed('there is no path to the machine');
    if (result === 'buffered') {
      throw commandNotSent(RefusalCode.TooOften, 'too much reliable data waits to be sent');
    }
  }

  #held(): { epoch: number; token: string } {
    const held = this.#options.lease.held();
    if (!held) throw commandNotSent(RefusalCode.NotMaster, 'this remote device is not master');
    return held;
  }

  #basis(): CommandBasis {
    const { monitors } = this.#options;
    return {
      captureTimeUs: this.#mainStreamId
        ? monitors.captureTimeUs(this.#mainStreamId())
        : monitors.newestCaptureTimeUs(),
      inputTimeMs: performance.timeOrigin + this.#options.context.clock.nowMs(),
    };
  }
}
