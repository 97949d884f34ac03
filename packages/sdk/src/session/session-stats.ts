import type { WebRTCStats } from '@longreach/protocol';
import {
  type JitterAction,
  type PresentedFigures,
  type StatsSnapshot,
  type TrackIdentity,
  WebRTCStatsCollector,
} from '@longreach/telemetry';
import { toError } from '../errors.ts';
import { every } from '../page/page-clock.ts';
import { BufferWatch } from './buffer-watch.ts';
import type { Monitors } from './monitors.ts';
import type { SessionContext } from './session-context.ts';
import type { SlotCarrier } from './slot-carrier.ts';

const figuresPeriodMs = 1000;

export type SessionStatsOptions = {
  context: SessionContext;
  monitors: Monitors;
  /** Connections that media come over now. */
  active: () => SlotCarrier[];
  /** Streams that an element shows now. */
  watchedStreams: () => ReadonlySet<number>;
  /** The jitter buffer of a stream grew and does not come back. */
  onBufferCreep: (streamId: number, action: Exclude<JitterAction, 'none'>) => void;
};

/** Statistics every collection period and head-up figures every second, both over the same getStats. */
export class SessionStats {
  readonly #options: SessionStatsOptions;
  readonly #periodic = new WebRTCStatsCollector();
  readonly #everySecond = new WebRTCStatsCollector();
  readonly #buffers = new BufferWatch();
  #stops: Array<() => void> = [];
  #newest: WebRTCStats[] = [];

  constructor(options: SessionStatsOptions) {
    this.#options = options;
  }

  /** Newest statistics. */
  get newest(): readonly WebRTCStats[] {
    return this.#newest;
  }

  start(): void {
    const { clock, statsPeriodMs } = this.#options.context;
    const run = (work: () => Promise<void>) => () => {
      work().catch((error) => this.#options.context.emit('errorOccurred', toError(error)));
    };
    this.#stops = [
      every(
        clock,
        statsPeriodMs,
        run(() => this.#tellStats()),
      ),
      every(
        clock,
        figuresPeriodMs,
        run(() => this.#tellFigures()),
      ),
    ];
  }

  /** A slot of `connection` shows another track from now on. */
  async assign(
    connection: SlotCarrier,
    mid: string,
    identity: TrackIdentity | undefined,
    isFirst: boolean,
  ): Promise<void> {
    const { clock } = this.#options.context;
    const empty: StatsSnapshot = { takenMs: clock.nowMs(), entries: [] };
    const snapshot = isFirst ? empty : await this.#snapshot(connection);
    if (!snapshot) return;
    for (const collector of [this.#periodic, this.#everySecond]) {
      collector.assignSlot(connection.id, mid, identity, snapshot);
    }
  }

  /** A connection was replaced. */
  drop(connection: SlotCarrier): void {
    this.#periodic.dropConnection(connection.id);
    this.#everySecond.dropConnection(connection.id);
  }

  /** Idempotent. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async #snapshot(connection: SlotCarrier): Promise<StatsSnapshot | undefined> {
    if (connection.state === 'closed') return undefined;
    return connection.snapshot(() => this.#options.context.clock.nowMs());
  }

  /** Ends the period of every track of every connection. */
  async #collect(
    collector: WebRTCStatsCollector,
    presentedOf: (identity: TrackIdentity, takenMs: number) => PresentedFigures,
  ): Promise<WebRTCStats[]> {
    const collected = this.#options.active().map(async (connection) => {
      const snapshot = await this.#snapshot(connection);
      if (!snapshot || this.#stops.length === 0) return [];
      return collector.collect(connection.id, snapshot, (identity) =>
        presentedOf(identity, snapshot.takenMs),
      );
    });
    return (await Promise.all(collected)).flat();
  }

  async #tellStats(): Promise<void> {
    const { active, monitors, context } = this.#options;
    if (active().length === 0) return;
    const stats = await this.#collect(this.#periodic, ({ mediaType, streamId }, takenMs) =>
      mediaType === 'video' ? monitors.of(streamId).takeStats(takenMs) : {},
    );
    if (this.#stops.length === 0) return;
    this.#newest = stats;
    context.emit('event', { type: 'webrtcStats', data: stats });
  }

  async #tellFigures(): Promise<void> {
    const stats = await this.#collect(this.#everySecond, () => ({}));
    if (this.#stops.length === 0) return;
    for (const streamId of this.#options.watchedStreams()) {
      const found = stats.find((one) => one.streamId === streamId && one.mediaType === 'video');
      this.#tellStreamFigures(streamId, found);
      const action = this.#buffers.handleFigures(
        streamId,
        found,
        this.#options.context.clock.nowMs(),
      );
      if (action !== 'none') this.#options.onBufferCreep(streamId, action);
    }
  }

  #tellStreamFigures(streamId: number, stats: WebRTCStats | undefined): void {
    const { monitors, context } = this.#options;
    const second = monitors.of(streamId).takeSecond(context.clock.nowMs());
    const { latency, latency1, latency2, ...others } = second;
    context.emit('figuresUpdated', {
      deviceId: context.deviceId,
      streamId,
      ...others,
      ...(latency
        ? { latencyMs: latency.meanMs, latencyUncertaintyMs: latency.uncertaintyMs }
        : {}),
      ...(latency1
        ? { latency1Ms: latency1.meanMs, latency1UncertaintyMs: latency1.uncertaintyMs }
        : {}),
      ...(latency2
        ? { latency2Ms: latency2.meanMs, latency2UncertaintyMs: latency2.uncertaintyMs }
        : {}),
      ...(stats?.bitrate === undefined ? {} : { bitrateMbps: stats.bitrate }),
      ...(stats?.lost === undefined ? {} : { lostPct: stats.lost }),
    });
  }
}
