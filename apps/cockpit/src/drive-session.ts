import type { Unsubscribe } from '@longreach/kit';
import type { GuardMode, StreamInfo } from '@longreach/protocol';
import type { DriveInput, LongreachClientApi } from '@longreach/sdk';
import { type EmergencyProgress, emergencyProgress } from './emergency-progress.ts';
import { DriverInput } from './input/driver-input.ts';
import type { InputSample } from './input/input-mix.ts';
import type { KeyAction } from './input/key-map.ts';
import { freshValue, type MachineView, MachineWatch, reportFreshMs } from './machine-watch.ts';
import { leaseReasonText } from './text/control-notice.ts';

/** What a session asks of the page that shows it. */
export type DriveSessionOptions = {
  /** Stream of the main picture. */
  mainStreamId: () => number;
  onChange: (isUrgent: boolean) => void;
  onShowSmall: (index: number) => void;
};

/** Pause before connecting again, ms. */
const reconnectMs = 2000;

/**
 * One operator at one machine: connects, asks for control, sends set-points while in control, stops.
 * Owns the input listeners and the command stream; `close` ends both and disconnects.
 */
export class DriveSession {
  readonly input: DriverInput;
  streams: StreamInfo[] = [];
  failure = '';
  /** A permission request is on its way. */
  pending = false;
  /** Outcome of the last request, for the operator. */
  message = '';
  muted = false;
  readonly #client: LongreachClientApi;
  readonly #deviceId: string;
  readonly #options: DriveSessionOptions;
  readonly #watch: MachineWatch;
  #stopDriving: Unsubscribe | undefined;
  #askedStopAtMs: number | undefined;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #isConnected = false;
  #isClosed = false;

  constructor(client: LongreachClientApi, deviceId: string, options: DriveSessionOptions) {
    this.#client = client;
    this.#deviceId = deviceId;
    this.#options = options;
    this.#watch = new MachineWatch(client, deviceId, {
      nowMs: () => performance.now(),
      onChange: (isUrgent) => this.#handleChange(isUrgent),
    });
    this.input = new DriverInput({
      speedMps: () => this.freshReport()?.speedMps ?? 0,
      permitted: () => this.isMaster && this.guardMode() === 'armed',
      takesKeys: () => this.isMaster,
      onAction: (action) => this.#handleAction(action),
    });
  }

  /** What is known of the machine. */
  get view(): MachineView {
    return this.#watch.view;
  }

  get isMaster(): boolean {
    return this.view.permission === 'master';
  }

  /** The machine's report unless it is too old to say anything about now. */
  freshReport() {
    return freshValue(this.view.report, reportFreshMs, performance.now());
  }

  /** Mode of the guard; undefined without a fresh report. */
  guardMode(): GuardMode | undefined {
    return this.freshReport()?.guardMode;
  }

  /** Where an emergency stop stands. */
  stopState(nowMs: number): EmergencyProgress {
    const state = emergencyProgress(this.guardMode(), this.#askedStopAtMs, nowMs);
    // Confirmed: when the machine is armed again later, the button is as new.
    if (state === 'active') this.#askedStopAtMs = undefined;
    return state;
  }

  /** Opens the connection; a failure is kept in `failure` and tried again. */
  async connect(): Promise<void> {
    try {
      const { streams } = await this.#client.connect(this.#deviceId);
      if (this.#isClosed) return;
      this.streams = streams.filter((stream) => stream.mediaTypes.includes('video'));
      this.failure = '';
      this.#isConnected = true;
      this.#watch.view.peer = 'connected';
      this.#watch.view.ended = undefined;
      this.#watch.readLease(this.#client);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.#reconnectLater();
    }
    this.#handleChange(true);
  }

  /** Asks for control, or gives it back. */
  async setControl(wanted: boolean): Promise<void> {
    if (this.pending) return;
    this.pending = true;
    this.message = '';
    this.#options.onChange(true);
    try {
      const event = wanted
        ? await this.#client.requestPermission(this.#deviceId, 'master')
        : await this.#client.releasePermission(this.#deviceId);
      Object.assign(this.view, { permission: event.permission, masterId: event.masterId });
      const isDone = (event.permission === 'master') === wanted;
      if (!isDone) this.message = leaseReasonText(event.reason);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.message = wanted ? `No control: ${reason}` : `Not released: ${reason}`;
    }
    this.pending = false;
    this.#handleChange(true);
  }

  /** Permits motion again; the machine decides. */
  rearm(): void {
    if (!this.isMaster) return;
    this.message = '';
    try {
      this.#client.rearm(this.#deviceId);
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
    }
    this.#options.onChange(true);
  }

  /** Stops the machine on every path. */
  emergencyStop(): void {
    this.#askedStopAtMs = performance.now();
    this.#options.onChange(true);
    this.#client.emergencyStop(this.#deviceId).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.message = `Emergency stop not confirmed: ${reason}`;
      this.#options.onChange(true);
    });
  }

  /** Plays the machine's sound or not. */
  toggleSound(): void {
    // A gesture while the browser holds the sound back is a wish to hear it.
    this.muted = !this.muted && !this.view.soundBlocked;
    try {
      this.#client.muteField(this.#deviceId, this.muted);
    } catch {
      // Not connected: there is no sound to switch.
      this.muted = false;
    }
    this.#options.onChange(true);
  }

  /** Ends the command stream and the connection. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    this.#stopDriving?.();
    this.input.close();
    this.#watch.close();
    await this.#client.disconnect(this.#deviceId).catch(() => {
      // The link is gone already; the machine notices by itself.
    });
  }

  #handleAction(action: KeyAction): void {
    switch (action.kind) {
      case 'emergencyStop':
        this.emergencyStop();
        break;
      case 'rearm':
        this.rearm();
        break;
      case 'toggleControl':
        void this.setControl(!this.isMaster);
        break;
      case 'toggleSound':
        this.toggleSound();
        break;
      case 'showSmall':
        this.#options.onShowSmall(action.index);
        break;
    }
  }

  #handleChange(isUrgent: boolean): void {
    if (this.#isClosed) return;
    if (this.view.ended !== undefined) this.#isConnected = false;
    const drives = this.isMaster && this.#isConnected;
    if (drives && !this.#stopDriving) this.#startDriving();
    else if (!drives && this.#stopDriving) {
      this.#stopDriving();
      this.#stopDriving = undefined;
    }
    if (this.view.ended !== undefined) this.#reconnectLater();
    this.#options.onChange(isUrgent);
  }

  #startDriving(): void {
    // Neutral set-points flow while the machine is not armed: the stream is its proof of an attentive operator.
    this.#stopDriving = this.#client.startDriving(this.#deviceId, {
      mainStreamId: this.#options.mainStreamId,
      sample: () => axesOf(this.input.sample(performance.now())),
    });
  }

  #reconnectLater(): void {
    if (this.#isClosed || this.#reconnectTimer !== undefined) return;
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined;
      void this.connect();
    }, reconnectMs);
  }
}

/** The set-points of a drive command, in the order that the machine expects. */
function axesOf({ steering, drive, brake }: InputSample): DriveInput {
  return { axes: [steering, drive, brake] };
}
