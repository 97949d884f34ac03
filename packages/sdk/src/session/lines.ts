import { decodeReport, type Report, type SlotReport } from '@longreach/protocol';
import type { ClockExchange } from '@longreach/telemetry';
import { ClockExchanger } from '../media/clock-exchanger.ts';
import { MachineTime } from '../media/machine-time.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import type { PageClock } from '../page/page-clock.ts';
import type { Monitors } from './monitors.ts';

/** Reports that concern the machine or our commands, not what one connection brings. */
export type MachineReport = Exclude<Report, { kind: 'slot' | 'arrivals' }>;

export type LinesOptions = {
  clock: PageClock;
  /** The connection whose reports count. */
  current: () => MediaConnection | undefined;
  onReport: (report: MachineReport) => void;
  /** What is shown: whether new pictures appear, and where the worker's word about them goes. */
  monitors: Pick<Monitors, 'isShowing' | 'handleArrivals'>;
};

type Line = {
  exchanger: ClockExchanger;
  /** Kept until the connection becomes the active one. */
  exchanges: ClockExchange[];
};

/** Slots whose offset is remembered: of every connection of some replacements. */
const maxOffsets = 128;
/** Replies of the media worker that may stay out before it counts as gone. */
const maxUnanswered = 5;
/** The same while its pictures come: only the way back is bad, and a new connection would need that, too. */
const maxUnansweredShowing = 70;

/** Clock exchange and reports of each connection, and what they tell about the machine's clock. */
export class Lines {
  readonly time = new MachineTime();
  readonly #options: LinesOptions;
  readonly #lines = new WeakMap<MediaConnection, Line>();
  /** Timestamp offsets from slot reports, by connection and mid, oldest first. */
  readonly #offsets = new Map<string, number>();
  #active: MediaConnection | undefined;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** Follows a connection from before its offer. */
  open(connection: MediaConnection): void {
    const exchanges: ClockExchange[] = [];
    const exchanger = new ClockExchanger(connection, this.#options.clock, (exchange) => {
      if (connection === this.#active) this.time.handleExchange(exchange);
      else exchanges.push(exchange);
    });
    this.#lines.set(connection, { exchanger, exchanges });
    connection.on('reportReceived', (bytes) => {
      const report = decodeReport(bytes);
      if (report?.kind === 'slot') this.#handleSlot(report, connection);
      else if (report && connection === this.#options.current()) this.#tell(report);
    });
  }

  #tell(report: Exclude<Report, { kind: 'slot' }>): void {
    const { monitors, onReport } = this.#options;
    if (report.kind === 'arrivals') monitors.handleArrivals(report.streams, this.time);
    else onReport(report);
  }

  /** `connection` is the active one now: its worker may be another one, with another clock. */
  activate(connection: MediaConnection): void {
    this.#active = connection;
    this.time.resetWorker();
    for (const exchange of this.#lines.get(connection)?.exchanges.splice(0) ?? []) {
      this.time.handleExchange(exchange);
    }
  }

  /** Whether the media worker answers at the other end. */
  isAnswering(connection: MediaConnection): boolean {
    const unanswered = this.#lines.get(connection)?.exchanger.unanswered ?? 0;
    if (unanswered < maxUnanswered) return true;
    return unanswered < maxUnansweredShowing && this.#options.monitors.isShowing();
  }

  /** What was added to the timestamps of what a slot shows, 90 kHz; 0 while unknown. */
  timestampOffset(connectionId: string, mid: string): number {
    return this.#offsets.get(`${connectionId} ${mid}`) ?? 0;
  }

  /** Idempotent. */
  close(connection: MediaConnection): void {
    this.#lines.get(connection)?.exchanger.close();
  }

  /** A slot of this connection, or of one without messages of its own. */
  #handleSlot(report: SlotReport, { id }: MediaConnection): void {
    const key = `${report.connectionId ?? id} ${report.mid}`;
    this.#offsets.delete(key);
    this.#offsets.set(key, report.timestampOffset);
    const [oldest] = this.#offsets.keys();
    if (this.#offsets.size > maxOffsets && oldest !== undefined) this.#offsets.delete(oldest);
  }
}
