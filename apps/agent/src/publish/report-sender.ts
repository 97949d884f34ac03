import { encodeReport, type GuardMode, RefusalCode, type StateReport } from '@longreach/protocol';
import type { ClockOffset } from '@longreach/telemetry';
import type { GuardStatus } from '../local/messages.ts';
import type { VehicleState } from '../local/vehicle-state.ts';

/** What a report sender needs from outside. */
export type ReportSenderOptions = {
  nowUs(): number;
  clockOffset(): ClockOffset | undefined;
  /** Sends one report frame; a lost one is followed by a newer one. */
  send(frame: Uint8Array): void;
};

/** Period of state reports, ms: 50 a second. */
const periodMs = 20;
/** A guard that said nothing for so long counts as failed, µs. */
const guardSilenceUs = 500_000;
const refusalCodes = new Set<number>(Object.values(RefusalCode));

/** Sends the machine's state to everybody, 50 times a second and at once when the guard changes its mode. */
export class ReportSender {
  readonly #options: ReportSenderOptions;
  readonly #timer: NodeJS.Timeout;
  #status: GuardStatus | undefined;
  #statusUs = 0;
  #vehicle: VehicleState | undefined;
  #sequence = 0;

  constructor(options: ReportSenderOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#send(), periodMs);
  }

  /** Takes the guard's newest status. */
  handleStatus(status: GuardStatus): void {
    const hasChanged = this.#status?.mode !== status.mode;
    this.#status = status;
    this.#statusUs = this.#options.nowUs();
    if (hasChanged) this.#send();
  }

  /** The guard is gone; viewers hear of it at once. */
  handleGuardLost(): void {
    this.#statusUs = Number.NEGATIVE_INFINITY;
    this.#send();
  }

  /** Takes the vehicle's newest state. */
  handleVehicle(state: VehicleState): void {
    this.#vehicle = state;
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const report = describeState({
      sequence: this.#sequence,
      nowUs: this.#options.nowUs(),
      clock: this.#options.clockOffset(),
      status: this.#status,
      statusUs: this.#statusUs,
      vehicle: this.#vehicle,
    });
    this.#options.send(encodeReport(report));
  }
}

/** What a state report is made of. */
export type MachineState = {
  sequence: number;
  nowUs: number;
  clock: ClockOffset | undefined;
  status: GuardStatus | undefined;
  /** When `status` came, machine clock, µs. */
  statusUs: number;
  vehicle: VehicleState | undefined;
};

/** The report of a state; what is not known is NaN, and a silent guard reads as `fault`. Pure. */
export function describeState(state: MachineState): StateReport {
  const { status, vehicle, clock, nowUs } = state;
  const echoedUs = status?.releasedCaptureTimeUs ?? 0;
  const lastRefusal = status?.lastRefusal ?? RefusalCode.None;
  return {
    kind: 'state',
    sequence: state.sequence,
    machineTimeUs: nowUs,
    clockOffsetUs: clock?.offsetUs ?? Number.NaN,
    clockUncertaintyUs: clock?.uncertaintyUs ?? Number.POSITIVE_INFINITY,
    guardMode: guardModeOf(state),
    epoch: (status?.epoch ?? 0) >>> 0,
    releasedSequence: (status?.releasedSequence ?? 0) >>> 0,
    loopAgeMs: echoedUs > 0 ? (nowUs - echoedUs) / 1000 : Number.NaN,
    released: (status?.released ?? 0) >>> 0,
    refused: (status?.refused ?? 0) >>> 0,
    lastRefusal: refusalCodes.has(lastRefusal) ? (lastRefusal as RefusalCode) : RefusalCode.None,
    speedMps: vehicle?.speedMps ?? Number.NaN,
    headingRad: vehicle?.headingRad ?? Number.NaN,
    xM: vehicle?.xM ?? Number.NaN,
    yM: vehicle?.yM ?? Number.NaN,
    steering: vehicle?.steering ?? Number.NaN,
    drive: vehicle?.drive ?? Number.NaN,
    brake: vehicle?.brake ?? Number.NaN,
  };
}

function guardModeOf({ status, statusUs, nowUs }: MachineState): GuardMode {
  return status && nowUs - statusUs <= guardSilenceUs ? status.mode : 'fault';
}
