import type { StateReport } from '@longreach/protocol';
import { type ClockExchange, type ClockOffset, ClockSync, maxSkewPpm } from '@longreach/telemetry';

/** A difference between two times with what the clocks may be off, ms. */
export type MeasuredMs = { valueMs: number; uncertaintyMs: number };

type Sighting = { leadUs: number; seenUs: number };

/** How long state reports say something about the machine's clock, µs, and how many are kept. */
const sightingWindowUs = 5_000_000;
const maxSightings = 256;
/** The machine's clock jumped (it was restarted) when a report disagrees by more, µs. */
const jumpUs = 2_000_000;
/** A synchronised clock that is worse than this is not used, µs. */
const maxUncertaintyUs = 250_000;
const ticksPerUs = 0.09;

/**
 * What this page knows of the machine's clock. Two sources: page ↔ worker by the `clock` channel plus
 * worker ↔ machine by the machine's own word (good to a fraction of the round trip), or, before that, the newest
 * state report (late by one way through the network). All times µs; `nowUs` is the page's clock. Pure. Rules T1 to T7.
 */
export class MachineTime {
  readonly #worker = new ClockSync();
  /** Worker minus machine, as the machine said at `saidUs`. */
  #machine: (ClockOffset & { saidUs: number }) | undefined;
  /** Only those that no newer one is ahead of, so that the first is the best: asked for every picture. */
  #sightings: Sighting[] = [];

  /** One exchange with the media worker. */
  handleExchange(exchange: ClockExchange): void {
    this.#worker.handleExchange(exchange);
  }

  /** A state report that arrived at `nowUs`. */
  handleState(report: StateReport, nowUs: number): void {
    const leadUs = report.machineTimeUs - nowUs;
    const last = this.#sightings.at(-1);
    if (last && Math.abs(last.leadUs - leadUs) > jumpUs) this.#sightings = [];
    while ((this.#sightings.at(-1)?.leadUs ?? Infinity) <= leadUs) this.#sightings.pop();
    this.#sightings.push({ leadUs, seenUs: nowUs });
    if (this.#sightings.length > maxSightings) this.#sightings.shift();
    const known =
      Number.isFinite(report.clockOffsetUs) && Number.isFinite(report.clockUncertaintyUs);
    this.#machine = known
      ? { offsetUs: report.clockOffsetUs, uncertaintyUs: report.clockUncertaintyUs, saidUs: nowUs }
      : undefined;
  }

  /** Another media worker from now on: its clock is another one. */
  resetWorker(): void {
    this.#worker.reset();
    this.#machine = undefined;
  }

  /** The machine's clock now, or undefined before the first word of it. */
  machineNowUs(nowUs: number): number | undefined {
    const synchronised = this.#synchronised(nowUs);
    if (synchronised) return nowUs + synchronised.offsetUs;
    const lead = this.#bestLeadUs(nowUs);
    return lead === undefined ? undefined : nowUs + lead;
  }

  /** Time from a capture to `nowUs`, on the synchronised clock only. */
  latencyOf(captureTimeUs: number, nowUs: number): MeasuredMs | undefined {
    const synchronised = this.#synchronised(nowUs);
    if (!synchronised) return undefined;
    return {
      valueMs: (nowUs + synchronised.offsetUs - captureTimeUs) / 1000,
      uncertaintyMs: synchronised.uncertaintyUs / 1000,
    };
  }

  /**
   * Time from a capture to the arrival at the worker, by the difference of their clocks as the worker tells it (90 kHz,
   * mod 2³²). The page's clock is not in it.
   */
  delayToWorker(delayTicks: number, nowUs: number): MeasuredMs | undefined {
    const machine = this.#machineAt(nowUs);
    if (!machine || machine.uncertaintyUs > maxUncertaintyUs) return undefined;
    const ticks = (delayTicks - Math.round(machine.offsetUs * ticksPerUs)) | 0;
    return { valueMs: ticks / ticksPerUs / 1000, uncertaintyMs: machine.uncertaintyUs / 1000 };
  }

  /** Worker minus machine: what the machine said grows less certain with its age. */
  #machineAt(nowUs: number): ClockOffset | undefined {
    if (!this.#machine) return undefined;
    const { offsetUs, uncertaintyUs, saidUs } = this.#machine;
    const ageUs = Math.max(0, nowUs - saidUs);
    return { offsetUs, uncertaintyUs: uncertaintyUs + (ageUs * maxSkewPpm) / 1_000_000 };
  }

  /** Machine minus page, µs, while both offsets are known and agree with the reports. */
  #synchronised(nowUs: number): ClockOffset | undefined {
    const worker = this.#worker.offsetAt(nowUs);
    const machine = this.#machineAt(nowUs);
    if (!worker || !machine) return undefined;
    const offsetUs = worker.offsetUs - machine.offsetUs;
    const uncertaintyUs = worker.uncertaintyUs + machine.uncertaintyUs;
    if (uncertaintyUs > maxUncertaintyUs) return undefined;
    const lead = this.#bestLeadUs(nowUs);
    // A report is always late: a synchronised clock far from it belongs to another worker or another boot.
    if (lead !== undefined && Math.abs(lead - offsetUs) > jumpUs) return undefined;
    return { offsetUs, uncertaintyUs };
  }

  /** The least late of the last seconds' reports; when all are older, the newest one. */
  #bestLeadUs(nowUs: number): number | undefined {
    const sightings = this.#sightings;
    while (sightings.length > 1 && nowUs - (sightings[0]?.seenUs ?? 0) > sightingWindowUs) {
      sightings.shift();
    }
    return sightings[0]?.leadUs;
  }
}
