import type { LinkSettings } from './link-settings.ts';
import { traceLengthMs } from './trace.ts';

/** What the link is like for a while. Times are µs since the schedule's start, within one period. */
export type LinkPhase = {
  startUs: number;
  endUs: number;
  /** Infinite without a limit. */
  bitsPerUs: number;
  /** The rate, or in a gap the last one before it: what a queue in ms is measured by. */
  queueBitsPerUs: number;
  delayUs: number;
  lossShare: number;
};

/** Rate, delay and loss over time, repeated for ever. */
export class LinkSchedule {
  readonly #phases: readonly LinkPhase[];
  readonly #periodUs: number;
  readonly #startUs: number;

  constructor(settings: LinkSettings, startUs: number) {
    this.#phases = phasesOf(settings);
    this.#periodUs = this.#phases.at(-1)?.endUs ?? 0;
    this.#startUs = startUs;
  }

  /** The phase of a time; times before the start belong to the first one. */
  phaseAt(timeUs: number): LinkPhase {
    const phases = this.#phases;
    const intoUs = this.#periodTimeOf(timeUs);
    let low = 0;
    let high = phases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((phases[middle] as LinkPhase).startUs <= intoUs) low = middle;
      else high = middle - 1;
    }
    return phases[low] as LinkPhase;
  }

  /** When the last of `bits` has been sent if the first is sent from `fromUs` on. */
  transmissionEndUs(fromUs: number, bits: number): number {
    let timeUs = fromUs;
    let left = bits;
    for (;;) {
      const phase = this.phaseAt(timeUs);
      if (phase.bitsPerUs === Number.POSITIVE_INFINITY) return timeUs;
      const remainingUs = phase.endUs - this.#periodTimeOf(timeUs);
      const sendable = remainingUs * phase.bitsPerUs;
      if (sendable >= left) return timeUs + left / phase.bitsPerUs;
      left -= sendable;
      // Sums of fractions may end just before the boundary; a phase must not be found twice.
      timeUs += Math.max(remainingUs, boundaryStepUs);
    }
  }

  #periodTimeOf(timeUs: number): number {
    return Math.max(0, timeUs - this.#startUs) % this.#periodUs;
  }
}

const boundaryStepUs = 0.01;
/** A schedule without phases has one that repeats each hour. */
const foreverMs = 3_600_000;

function phasesOf({ rate, trace }: LinkSettings): LinkPhase[] {
  if (trace) {
    const lengthMs = traceLengthMs(trace);
    return withQueueRates(
      trace.map(({ timeMs, rateKbps, delayMs, lossShare }, i) => ({
        ...phase(timeMs, trace[i + 1]?.timeMs ?? lengthMs, rateKbps),
        delayUs: delayMs * 1000,
        lossShare,
      })),
    );
  }
  if (rate === undefined) return [phase(0, foreverMs, Number.POSITIVE_INFINITY)];
  const steps = typeof rate === 'number' ? [{ durationMs: foreverMs, rateKbps: rate }] : rate;
  let startMs = 0;
  return withQueueRates(
    steps.map(({ durationMs, rateKbps }) => {
      if (!(durationMs > 0) || !(rateKbps >= 0)) throw new RangeError('rate or its length is none');
      startMs += durationMs;
      return phase(startMs - durationMs, startMs, rateKbps);
    }),
  );
}

function phase(startMs: number, endMs: number, rateKbps: number): LinkPhase {
  const bitsPerUs = rateKbps / 1000;
  return {
    startUs: startMs * 1000,
    endUs: endMs * 1000,
    bitsPerUs,
    queueBitsPerUs: bitsPerUs,
    delayUs: 0,
    lossShare: 0,
  };
}

/** Gaps take the rate before them, the first ones that of the period's end. */
function withQueueRates(phases: LinkPhase[]): LinkPhase[] {
  let last = phases.findLast(({ bitsPerUs }) => bitsPerUs > 0)?.bitsPerUs;
  if (last === undefined) throw new RangeError('a link whose rate is always 0 sends nothing');
  for (const each of phases) {
    if (each.bitsPerUs > 0) last = each.bitsPerUs;
    each.queueBitsPerUs = last;
  }
  return phases;
}
