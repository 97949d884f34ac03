import { isShort, missingShare } from './conditions.ts';
import type { Figure } from './figures.ts';
import type { StreamSample } from './input.ts';
import { type Detection, grade, severities } from './rule.ts';
import { cite, isSustained, medianOf, type Slots, type StreamView, slotsWhere } from './view.ts';

/** One of the two legs of a picture's way. */
export type Leg = {
  loss: Figure;
  queue: Figure;
  /** Pictures a second that go into it and come out of it. */
  into: Figure;
  outOf: Figure;
  /** Packets that no repair brought back, where that is counted, %. */
  givenUp?: Figure;
};

/** Limits of loss, %. */
export const lossLimits = {
  /** Lost pictures are put down to loss from here on. */
  harmful: 1.5,
  /** Repair hides more than this, but takes a quarter and more of the link and leaves no reserve. */
  strain: 8,
  /** Worth a word. */
  seen: 1,
  /** Packets that repair gave up: each may cost a picture. */
  givenUp: 0.5,
} as const;
/** Loss over a period of 2 s wavers by a fifth. */
const waver = 0.8;
/** What is lost behind a queue of this length did not fit into it: the rate is the cause, ms. */
const overflowQueueMs = 40;

/** Loss of one leg: harmful when pictures are missing behind it, a strain when there is much of it, else hidden by repair. */
export function findLoss(view: StreamView, leg: Leg): Detection | undefined {
  const harmful = slotsWhere(view, (sample) => isHarmful(sample, leg));
  if (isSustained(harmful, view.samples.length)) {
    return detection(view, leg, harmful, lossLimits.harmful, harmSeverity(view, leg, harmful));
  }
  const strained = slotsOfStrain(view, leg);
  if (isSustained(strained, view.samples.length)) {
    const severity = grade(
      medianOf(view, strained, leg.loss.of),
      lossLimits.strain,
      40,
      [0.3, 0.6],
    );
    return detection(view, leg, strained, lossLimits.strain, severity);
  }
  const seen = slotsWhere(view, (sample) => isLossy(sample, leg, lossLimits.seen));
  return detection(view, leg, seen, lossLimits.seen, severities.noEffect);
}

/** Two samples in a row that waver around the limit, and lie above it on the whole. */
function slotsOfStrain(view: StreamView, leg: Leg): Slots {
  const near = slotsWhere(view, (sample) => isLossy(sample, leg, waver * lossLimits.strain));
  const inRow = near.filter((slot) => near.includes(slot - 1) || near.includes(slot + 1));
  const middle = medianOf(view, inRow, leg.loss.of) ?? 0;
  return middle >= lossLimits.strain ? inRow : [];
}

function detection(
  view: StreamView,
  leg: Leg,
  slots: Slots,
  limit: number,
  severity: number,
): Detection {
  const evidence = [
    ...cite(view, slots, leg.loss, limit),
    ...(leg.givenUp ? cite(view, slots, leg.givenUp, lossLimits.givenUp) : []),
    ...cite(view, slots, leg.into),
    ...cite(view, slots, leg.outOf),
    ...cite(view, slots, leg.queue),
  ];
  return { slots, severity, evidence };
}

function isLossy(sample: StreamSample, leg: Leg, percent: number): boolean {
  if ((leg.queue.of(sample) ?? 0) >= overflowQueueMs) return false;
  return (leg.loss.of(sample) ?? 0) >= percent;
}

function isHarmful(sample: StreamSample, leg: Leg): boolean {
  if (!isLossy(sample, leg, lossLimits.harmful)) return false;
  const givenUp = leg.givenUp?.of(sample) ?? 0;
  return givenUp >= lossLimits.givenUp || isShort(sample, leg.into.of, leg.outOf.of);
}

function harmSeverity(view: StreamView, leg: Leg, slots: Slots): number {
  const missing = medianOf(view, slots, (sample) =>
    missingShare(sample, leg.into.of, leg.outOf.of),
  );
  return grade(missing, 0, 0.5, [0.5, 1]);
}
