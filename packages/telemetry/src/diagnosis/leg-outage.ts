import type { ConnectionState } from '@longreach/protocol';
import { isShort, missingShare } from './conditions.ts';
import type { Figure } from './figures.ts';
import type { StreamSample } from './input.ts';
import { lossLimits } from './leg-loss.ts';
import { type Slots, type StreamView, slotsWhere } from './view.ts';

/** States in which a connection carries nothing. */
const lostStates: readonly (ConnectionState | undefined)[] = [
  ...(['failed', 'disconnected', 'reconnecting'] as const),
  ...(['not_support', 'limit_exceeded'] as const),
];
/** The state of a connection is that of the window's end: it speaks for so many samples. */
const stateSamples = 2;
/** Pictures that are missing behind a queue of this length wait in it, ms. */
const queueMs = 80;

/** Where pictures go in and do not come out, and neither loss nor a queue says why. */
export function slotsOfLostPictures(
  view: StreamView,
  leg: { into: Figure; outOf: Figure; loss: Figure; queue: Figure },
): Slots {
  return slotsWhere(view, (sample) => {
    const isLossy = (leg.loss.of(sample) ?? 0) >= lossLimits.harmful;
    const isQueued = (leg.queue.of(sample) ?? 0) >= queueMs;
    return !isLossy && !isQueued && isShort(sample, leg.into.of, leg.outOf.of);
  });
}

/** The last samples, when the connection is lost and they show no pictures. */
export function slotsOfState(
  view: StreamView,
  state: ConnectionState | undefined,
  outOf: Figure,
): Slots {
  if (!lostStates.includes(state)) return [];
  const first = view.samples.length - stateSamples;
  return view.samples.flatMap((sample, slot) => (slot >= first && !outOf.of(sample) ? [slot] : []));
}

/** Where nothing comes out any more though it once did, and nothing is known of what goes in: the trail ends here. */
export function slotsOfLostTrail(view: StreamView, into: readonly Figure[], outOf: Figure): Slots {
  const first = view.samples.findIndex((sample) => (outOf.of(sample) ?? 0) > 0);
  if (first < 0) return [];
  return slotsWhere(view, (sample) => {
    const isUnknown = into.every((figure) => figure.of(sample) === undefined);
    return isUnknown && outOf.of(sample) === 0 && view.samples.indexOf(sample) > first;
  });
}

/** Share of the pictures that did not come out; all of them where that is not known. */
export function lostShare(sample: StreamSample, into: Figure, outOf: Figure): number {
  return missingShare(sample, into.of, outOf.of) ?? 1;
}

/** Union of slots, ascending. */
export function union(...all: readonly Slots[]): Slots {
  return [...new Set(all.flat())].sort((one, other) => one - other);
}
