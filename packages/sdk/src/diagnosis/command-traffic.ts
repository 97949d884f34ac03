import type { RefusalCode, StateReport } from '@longreach/protocol';

/** Commands whose time of sending is remembered, to know when they were released; a power of two. */
const remembered = 256;
/** A tick that comes later than this after the one before was no tick of a running stream, ms. */
const longestTickMs = 200;

/** What became of commands in one period. */
export type CommandFigures = {
  sent: number;
  /** Refused by the browser itself, the server or the machine. */
  refused: Partial<Record<RefusalCode, number>>;
  /** Newest: command sent until its release was reported, ms. */
  roundTripMs?: number;
  /** Time in which the channel took none, ms. */
  blockedMs: number;
  /** Longest time between two state reports, one that goes on included, ms. */
  longestReportGapMs?: number;
  /** Commands that the machine's guard got, and those that it released. */
  received?: number;
  released?: number;
};

/** Counts the commands of one session. Pure: times are given, ms. */
export class CommandTraffic {
  readonly #sentMs = new Float64Array(remembered);
  readonly #sequences = new Float64Array(remembered).fill(-1);
  #sent = 0;
  #blockedMs = 0;
  #lastTickMs: number | undefined;
  #refused = new Map<RefusalCode, number>();
  #roundTripMs: number | undefined;
  #reportMs: number | undefined;
  #longestGapMs = 0;
  #counts: { received: number; released: number } | undefined;
  #newest: StateReport | undefined;

  /** A drive command left. */
  handleSent(sequence: number, nowMs: number): void {
    const place = sequence % remembered;
    this.#sentMs[place] = nowMs;
    this.#sequences[place] = sequence;
    this.#sent += 1;
    this.#lastTickMs = nowMs;
  }

  /** One was due, and the channel was not free. */
  handleBlocked(nowMs: number): void {
    const elapsedMs = nowMs - (this.#lastTickMs ?? nowMs);
    if (elapsedMs <= longestTickMs) this.#blockedMs += elapsedMs;
    this.#lastTickMs = nowMs;
  }

  /** Somebody refused one. */
  handleRefused(code: RefusalCode): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** A state report of the machine arrived. */
  handleState(report: StateReport, nowMs: number): void {
    if (this.#reportMs !== undefined) {
      this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#reportMs);
    }
    this.#reportMs = nowMs;
    this.#countGuard(report);
    this.#newest = report;
    const place = report.releasedSequence % remembered;
    if (this.#sequences[place] !== report.releasedSequence) return;
    this.#roundTripMs = nowMs - (this.#sentMs[place] as number);
    this.#sequences[place] = -1;
  }

  /** The figures since the last `take`. */
  take(nowMs: number): CommandFigures {
    const openMs = this.#reportMs === undefined ? undefined : nowMs - this.#reportMs;
    const figures: CommandFigures = {
      sent: this.#sent,
      refused: Object.fromEntries(this.#refused),
      blockedMs: this.#blockedMs,
      ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
      ...(openMs === undefined ? {} : { longestReportGapMs: Math.max(this.#longestGapMs, openMs) }),
      ...(this.#counts ?? {}),
    };
    this.#sent = 0;
    this.#blockedMs = 0;
    this.#refused = new Map();
    this.#roundTripMs = undefined;
    this.#longestGapMs = 0;
    if (this.#counts) this.#counts = { received: 0, released: 0 };
    return figures;
  }

  /** The guard counts over its whole life; after its restart from nothing. */
  #countGuard({ released, refused, epoch }: StateReport): void {
    const before = this.#newest;
    const isSame = before?.epoch === epoch && before.released <= released;
    const counts = this.#counts ?? { received: 0, released: 0 };
    if (isSame) {
      const more = released - before.released;
      counts.released += more;
      counts.received += more + Math.max(0, refused - before.refused);
    }
    this.#counts = counts;
  }
}
