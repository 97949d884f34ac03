import type { Accounts } from '../accounts/accounts.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { LoadMeter, processCpuUs } from '../media/load-meter.ts';
import { refusalNames } from '../media/room-counters.ts';
import type { RoomCounters } from '../media/worker-channel.ts';
import type { MediaWorkers } from '../media/workers-port.ts';
import { monotonicClock } from '../monotonic-clock.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Sessions } from '../rooms/sessions.ts';
import { serverVersion } from '../server-version.ts';
import { byName, connectionFigures, type Figures, roomFigures, single, sumOf } from './figures.ts';
import { MediaLedger } from './media-ledger.ts';
import { MetricRegistry } from './metric-registry.ts';
import { RoomLabels } from './room-labels.ts';
import { SessionTally } from './session-tally.ts';

/** What metrics are read from. */
export type ServerMetricsOptions = {
  config: ServerConfig;
  accounts: Accounts;
  sessions: Sessions;
  rooms: Rooms;
  workers: MediaWorkers;
};

/** Between two calls of `tick`, ms: so often the control process looks how late it is. */
export const metricsTickMs = 20;

/** The server's metrics: counts from its making on, and reads the rest when it is asked. */
export class ServerMetrics {
  readonly #options: ServerMetricsOptions;
  readonly #labels: RoomLabels;
  readonly #ledger: MediaLedger;
  readonly #sessions: SessionTally;
  readonly #registry = new MetricRegistry();
  readonly #load: LoadMeter;
  readonly #startTimeS = Date.now() / 1_000 - process.uptime();

  constructor(options: ServerMetricsOptions) {
    this.#options = options;
    const { config, workers, sessions } = options;
    this.#labels = new RoomLabels(config.limits.metricRooms);
    this.#ledger = new MediaLedger(this.#labels);
    workers.on('statsReported', (report) => this.#ledger.handleStats(report));
    workers.on('workerEnded', (ended) => this.#ledger.handleWorkerEnded(ended));
    this.#sessions = new SessionTally(sessions);
    const nowUs = monotonicClock.nowUs();
    const periodUs = metricsTickMs * 1_000;
    this.#load = new LoadMeter({ periodUs, cpuUs: processCpuUs(), nowUs });
  }

  /** Media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics now, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.text(this.#figures());
  }

  /** To be called every `metricsTickMs`. */
  tick(): void {
    this.#load.handleTick(monotonicClock.nowUs());
  }

  #figures(): Figures {
    const { workers } = this.#options;
    const rooms = this.#ledger.rooms();
    return {
      ...this.#processFigures(),
      ...this.#sessionFigures(),
      ...this.#presenceFigures(),
      ...roomFigures(rooms),
      ...connectionFigures(workers.stats(), (room) => this.#labels.labelOf(room)),
      ...this.#workerFigures(),
      longreach_commands_refused_total: byName('code', refusalsOf(rooms)),
    };
  }

  #processFigures() {
    const { cpuUs, eventLoopDelay } = this.#load.take(processCpuUs(), monotonicClock.nowUs());
    const labels = {
      ...{ version: serverVersion, node_version: process.version },
      node_id: this.#options.config.nodeId,
    };
    return {
      longreach_build_info: [{ labels, value: 1 }],
      longreach_server_start_time_seconds: single(this.#startTimeS),
      longreach_server_cpu_seconds_total: single(cpuUs / 1e6),
      longreach_server_resident_memory_bytes: single(process.memoryUsage.rss()),
      longreach_server_event_loop_delay_seconds: single(eventLoopDelay),
    } satisfies Partial<Figures>;
  }

  #sessionFigures() {
    const { sessions, accounts } = this.#options;
    const roles = { field: 0, remote: 0 };
    for (const { info } of sessions.all()) roles[info.role] += 1;
    const { opened, resumed, ended } = this.#sessions;
    return {
      longreach_sessions: byName('role', roles),
      longreach_sessions_opened_total: byName('role', opened),
      longreach_sessions_resumed_total: byName('role', resumed),
      longreach_sessions_ended_total: byName('reason', ended),
      longreach_logins_failed_total: byName('kind', accounts.failedLogins),
    } satisfies Partial<Figures>;
  }

  #presenceFigures() {
    const rooms = this.#options.rooms.all();
    const machines = { online: 0, suspect: 0, offline: 0 };
    const viewers: Record<string, number> = {};
    for (const { roomId, machine, memberCount } of rooms) {
      if (machine.state !== 'offline') machines[machine.state] += 1;
      const label = this.#labels.labelOf(roomId);
      viewers[label] = (viewers[label] ?? 0) + memberCount;
    }
    const configured = this.#options.accounts.devices.fieldDevices().length;
    machines.offline = configured - machines.online - machines.suspect;
    const isHeld = (room: (typeof rooms)[number]) => room.leaseFor(room.roomId).masterId !== null;
    return {
      longreach_rooms: single(rooms.length),
      longreach_machines: byName('state', machines),
      longreach_viewers: byName('room', viewers),
      longreach_masters: single(rooms.filter(isHeld).length),
    } satisfies Partial<Figures>;
  }

  #workerFigures() {
    const workers = [...this.#ledger.workers()].map(
      ([place, totals]) => [{ worker: `${place}` }, totals] as const,
    );
    return {
      longreach_forward_delay_seconds: single(this.#ledger.forwardDelay()),
      longreach_workers: single(this.#options.workers.loads().length),
      longreach_worker_restarts_total: single(this.#ledger.restarts),
      longreach_worker_cpu_seconds_total: workers.map(([labels, { cpuUs }]) => ({
        labels,
        value: cpuUs / 1e6,
      })),
      longreach_worker_event_loop_delay_seconds: workers.map(([labels, { eventLoopDelay }]) => ({
        labels,
        value: eventLoopDelay,
      })),
    } satisfies Partial<Figures>;
  }
}

function refusalsOf(rooms: ReadonlyMap<string, RoomCounters>): Record<string, number> {
  const sums = refusalNames.map((name) => {
    return [name, sumOf(rooms.values(), ({ refusals }) => refusals[name])] as const;
  });
  return Object.fromEntries(sums);
}
