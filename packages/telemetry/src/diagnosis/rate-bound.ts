import { figures } from './figures.ts';
import type { StreamSample } from './input.ts';
import { grade } from './rule.ts';
import { medianOf, type Slots, type StreamView, slotsWhere } from './view.ts';

/** Below this share of what the stream may take, the operator sees that it is held down. */
export const lowShare = 0.75;
/** An encoder that makes less than this share of what it may is not held down: there is little to see. */
const usedShare = 0.75;
/** So many of the pictures left out because of the rate are seen, too. */
const leftOutShare = 0.15;
/** A queue at which the link is full, ms. */
const fullQueueMs = 30;
/** A link that carries not much more than the limit is the one that makes it; repair is in between. */
const ownMargin = 1.5;
/** Headers and sound on top of what the streams may take. */
const enoughShare = 1.25;
/** A rate that only rises so long after its start is still being found out, samples. */
const startSamples = 4;
/** And may waver by so much while it does. */
const waver = 0.95;

/** Whose link holds an encoder's rate down in one sample; undefined: nobody's, or nobody knows. */
export function rateBoundOf(sample: StreamSample): 'uplink' | 'viewer' | undefined {
  if (!isHeldDown(sample)) return undefined;
  const uplink = usableUplink(sample);
  const viewer = figures.viewerLimitKbps.of(sample) ?? ownLimit(sample);
  const least = Math.min(uplink ?? Number.POSITIVE_INFINITY, viewer ?? Number.POSITIVE_INFINITY);
  if (least >= enoughKbps(sample, uplink !== undefined && viewer !== undefined)) return undefined;
  return least === uplink ? 'uplink' : 'viewer';
}

/** Whether the viewers' limit is this viewer's own: the machine follows its master, or the best guest while it has none. */
export function isOwnBound(sample: StreamSample): boolean {
  if (sample.browser?.control?.permission !== 'guest') return true;
  const [own, limit] = [figures.downlinkKbps.of(sample), figures.viewerLimitKbps.of(sample)];
  return own !== undefined && limit !== undefined && own <= ownMargin * limit;
}

/** Samples in which this link holds the rate down, less those in which a new connection just began. */
export function slotsOfBound(view: StreamView, bound: 'uplink' | 'viewer'): Slots {
  const slots = slotsWhere(view, (sample) => rateBoundOf(sample) === bound);
  const start = startRun(view, slots);
  return slots.filter((slot) => slot >= start);
}

/** How bad it is that a rate is held down in these samples. */
export function rateSeverity(view: StreamView, slots: Slots): number {
  const share = medianOf(view, slots, rateShare);
  const least = grade(share === undefined ? undefined : 1 - share, 1 - lowShare, 0.8, [0.4, 0.9]);
  const isBelow = slots.some((slot) => view.samples[slot]?.machine?.encoder?.isBelowMinimum);
  return isBelow ? Math.max(least, 0.8) : least;
}

function isHeldDown(sample: StreamSample): boolean {
  if (sample.machine?.encoder?.isBelowMinimum) return true;
  const share = rateShare(sample);
  if (share === undefined) return areLeftOut(sample);
  return share < lowShare && isUsed(sample);
}

/** Whether the encoder would make more if it might. */
function isUsed(sample: StreamSample): boolean {
  if (areLeftOut(sample)) return true;
  const [target, actual] = [figures.targetKbps.of(sample), figures.actualKbps.of(sample)];
  if (target === undefined || actual === undefined) return false;
  return actual >= usedShare * target;
}

function areLeftOut(sample: StreamSample): boolean {
  const leftOut = figures.leftOutFps.of(sample) ?? 0;
  return leftOut > 0 && leftOut >= leftOutShare * (figures.capturedFps.of(sample) ?? leftOut);
}

function rateShare(sample: StreamSample): number | undefined {
  const configured = figures.configuredKbps.of(sample);
  const target = figures.targetKbps.of(sample);
  return configured && target !== undefined ? target / configured : undefined;
}

/**
 * What carries all streams that run, or this one where that is not known, is not what holds it down. With both sides
 * known the smaller one is, whatever else runs.
 */
function enoughKbps(sample: StreamSample, areBothKnown: boolean): number {
  const all = figures.allConfiguredKbps.of(sample);
  const own = areBothKnown ? undefined : (figures.configuredKbps.of(sample) ?? 0);
  return enoughShare * (all ?? own ?? Number.POSITIVE_INFINITY);
}

/** The viewers' limit is of media alone; the uplink's estimate has to carry the repair as well. */
function usableUplink(sample: StreamSample): number | undefined {
  const estimate = figures.uplinkKbps.of(sample);
  if (estimate === undefined) return undefined;
  return estimate / (1 + (figures.uplinkRepair.of(sample) ?? 0) / 100);
}

/** Without the server's word: a master's own link is what the machine follows. */
function ownLimit(sample: StreamSample): number | undefined {
  const isMaster = sample.browser?.control?.permission === 'master';
  return isMaster ? figures.downlinkKbps.of(sample) : undefined;
}

/** Where a rise at the window's beginning ends: it is a new connection that finds out what the link carries. */
function startRun(view: StreamView, slots: Slots): number {
  let end = 0;
  while (slots[end] === end && end < startSamples && isRising(view, end)) end += 1;
  const isOver = end < view.samples.length && !slots.includes(end);
  return isOver ? end : 0;
}

function isRising({ samples }: StreamView, slot: number): boolean {
  const sample = samples[slot] as StreamSample;
  if ((figures.uplinkQueueMs.of(sample) ?? 0) >= fullQueueMs) return false;
  if ((figures.downlinkQueueMs.of(sample) ?? 0) >= fullQueueMs) return false;
  const before = slot === 0 ? 0 : (rateShare(samples[slot - 1] as StreamSample) ?? 0);
  return (rateShare(sample) ?? 0) >= waver * before;
}
