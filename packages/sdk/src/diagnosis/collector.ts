import type { Unsubscribe } from '@longreach/kit';
import type {
  ConnectionState,
  GatewayStats,
  PermissionState,
  ServerStats,
  SignalingState,
  StateReport,
  WebRTCStats,
} from '@longreach/protocol';
import type { DiagnosisInput, StreamSample } from '@longreach/telemetry/diagnosis';
import type { ClientEvents } from '../api.ts';
import type { DecoderFacts } from '../media/video-input.ts';
import { every, type PageClock } from '../page/page-clock.ts';
import { buildSample, type PeriodFacts } from './build-sample.ts';
import { ClockSteps } from './clock-steps.ts';
import type { CommandTraffic } from './command-traffic.ts';
import { HiddenMeter } from './hidden-meter.ts';
import { SampleHistory } from './sample-history.ts';
import { StallMeter } from './stall-meter.ts';

/** What is asked of a session each period. */
export type CollectedSession = {
  takeWatched(): Array<{ streamId: number; decoder: DecoderFacts | undefined }>;
  connectionIds(): readonly string[];
  readonly traffic: CommandTraffic;
  /** The machine's clock minus the page's, ms; undefined while unknown. */
  machineOffsetMs(nowMs: number): number | undefined;
};

export type CollectorOptions = {
  deviceId: string;
  clock: PageClock;
  /** Of the statistics, ms. */
  periodMs: number;
  /** How this remote device is connected, in words. */
  mode: () => string;
  on: <Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ) => Unsubscribe;
  /** Undefined until it has joined. */
  session: () => CollectedSession | undefined;
  isPageVisible: () => boolean;
  onSample: (streamId: number, sample: StreamSample) => void;
};

const pageTickMs = 40;
const clockTickMs = 250;
/** Without statistics (no connection is up) a period ends by itself after so many times its length. */
const silentPeriods = 1.4;
/** A report of the machine or the server that is older belongs to no present period, periods. */
const freshPeriods = 1.6;

type Kept<Stats> = { stats: Stats; atMs: number } | undefined;

/** Keeps the last minute of what machine, server and browser know of one session, for its diagnosis. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #history = new SampleHistory();
  readonly #page = new StallMeter();
  readonly #hidden = new HiddenMeter();
  readonly #clockSteps = new ClockSteps();
  readonly #ends: Array<() => void>;
  #gateway: Kept<GatewayStats>;
  #server: Kept<ServerStats>;
  #state: StateReport | undefined;
  #permission: PermissionState | undefined;
  #uncertaintyMs: number | undefined;
  #signaling: SignalingState | undefined;
  /** By stream; of all of them under −1. */
  readonly #media = new Map<number, ConnectionState>();
  #sampledMs: number;

  constructor(options: CollectorOptions) {
    this.#options = options;
    const { clock, periodMs } = options;
    this.#sampledMs = clock.nowMs();
    this.#ends = [
      ...this.#follow(),
      every(clock, pageTickMs, () => this.#tickPage()),
      every(clock, clockTickMs, () => this.#tickClock()),
      every(clock, periodMs / 4, () => this.#endSilentPeriod()),
    ];
  }

  /** Samples of the last `spanMs`, and how both sides are connected. */
  input(spanMs: number): DiagnosisInput {
    const { deviceId, clock, mode } = this.#options;
    const gateway = this.#fresh(this.#gateway);
    const isUp = gateway?.paths.some(({ state }) => state === 'connected');
    const fieldMedia = isUp === undefined ? undefined : isUp ? 'connected' : 'disconnected';
    const streams = this.#history.since(clock.nowMs() - spanMs).map((stream) => {
      const remoteMedia = this.#media.get(stream.streamId) ?? this.#media.get(allStreams);
      return { ...stream, fieldMedia, remoteMedia } as const;
    });
    return {
      ...{ deviceId, streams },
      field: { mode: 'server', signaling: gateway ? 'connected' : undefined },
      remote: { mode: mode(), signaling: this.#signaling, mqtt: 'unused' },
    };
  }

  /** Idempotent. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #follow(): Unsubscribe[] {
    const { deviceId, clock, on } = this.#options;
    /** Events about this machine alone. */
    const own = <Name extends keyof ClientEvents>(
      name: Name,
      listener: (payload: ClientEvents[Name] & { deviceId: string }) => void,
    ) =>
      on(name, (payload) => {
        const about = payload as ClientEvents[Name] & { deviceId: string };
        if (about.deviceId === deviceId) listener(about);
      });
    return [
      on('event', (event) => {
        if (event.type === 'webrtcStats') this.#handleStats(event.data);
        if (event.type !== 'gatewayStats' || event.data.fieldDeviceId !== deviceId) return;
        // The contract leaves them open; the server has checked them by their schema.
        const stats = event.data.stats as GatewayStats;
        this.#gateway = { stats, atMs: clock.nowMs() };
      }),
      own('serverStatsReported', ({ stats }) => {
        this.#server = { stats, atMs: clock.nowMs() };
      }),
      own('stateReported', ({ report }) => {
        this.#state = report;
      }),
      own('permissionChanged', ({ permission }) => {
        this.#permission = permission;
      }),
      own('commandRefused', ({ code }) => this.#options.session()?.traffic.handleRefused(code)),
      own('figuresUpdated', ({ latencyUncertaintyMs }) => {
        this.#uncertaintyMs = latencyUncertaintyMs;
      }),
      own('peerConnectionStateChanged', ({ streamId = allStreams, mediaType, state }) => {
        if (mediaType === 'audio') return;
        this.#media.set(streamId, state === 'closed' ? 'disconnected' : state);
      }),
      on('signalingStateChanged', ({ roomId, state }) => {
        if (roomId === deviceId) this.#signaling = state;
      }),
    ];
  }

  #tickPage(): void {
    const { clock, isPageVisible } = this.#options;
    const nowMs = clock.nowMs();
    const isVisible = isPageVisible();
    this.#hidden.handleVisibility(isVisible, nowMs);
    // A hidden page's timers are slow on purpose.
    if (isVisible) this.#page.handleTick(nowMs);
    else this.#page.pause();
  }

  #tickClock(): void {
    const { clock, session } = this.#options;
    this.#clockSteps.handleOffset(session()?.machineOffsetMs(clock.nowMs()));
  }

  #handleStats(stats: readonly WebRTCStats[]): void {
    if (stats.some(({ srcUserId }) => srcUserId !== this.#options.deviceId)) return;
    this.#sample(stats);
  }

  #endSilentPeriod(): void {
    const { clock, periodMs } = this.#options;
    if (clock.nowMs() - this.#sampledMs > silentPeriods * periodMs) this.#sample([]);
  }

  #sample(stats: readonly WebRTCStats[]): void {
    const { clock, session, onSample } = this.#options;
    const present = session();
    const atMs = clock.nowMs();
    const periodMs = atMs - this.#sampledMs;
    if (!present || periodMs <= 0) return;
    this.#sampledMs = atMs;
    const facts = this.#facts(present, atMs, periodMs);
    for (const { streamId, decoder } of present.takeWatched()) {
      const own = stats.find((one) => one.streamId === streamId && one.mediaType === 'video');
      const sample = buildSample(facts, { streamId, stats: own, decoder });
      this.#history.add(streamId, sample);
      onSample(streamId, sample);
    }
  }

  #facts(session: CollectedSession, atMs: number, periodMs: number): PeriodFacts {
    return {
      ...{ atMs, periodMs },
      gateway: this.#fresh(this.#gateway),
      server: this.#fresh(this.#server),
      connectionIds: session.connectionIds(),
      commands: session.traffic.take(atMs),
      state: this.#state,
      permission: this.#permission,
      page: {
        hiddenMs: this.#hidden.take(atMs),
        longestPageStallMs: this.#page.take(atMs),
        clockUncertaintyMs: this.#uncertaintyMs,
        clockStepsMs: this.#clockSteps.take(),
      },
    };
  }

  #fresh<Stats>(kept: Kept<Stats>): Stats | undefined {
    if (!kept) return undefined;
    const ageMs = this.#options.clock.nowMs() - kept.atMs;
    return ageMs <= freshPeriods * Math.max(2000, this.#options.periodMs) ? kept.stats : undefined;
  }
}

const allStreams = -1;
