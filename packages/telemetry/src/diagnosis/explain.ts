import type { Seen } from './detections.ts';
import type { Slots, StreamView } from './view.ts';
import type { Cause, Stage } from './vocabulary.ts';

/** What follows from a fault may show one late sample earlier, and this long after it: estimates and buffers come back slowly, ms. */
const earlierMs = 3_000;
const laterMs = 10_000;
/** So much of a finding has to lie there. */
const coveredShare = 0.5;
/** A small fault does not bring about a great one: it is at least this share as severe. */
const strengthShare = 0.5;
/** What all streams share, and what suffers when any of them does. */
const anyStreamStages: readonly Stage[] = ['clock', 'permission', 'controlPath'];

/** A finding in one stream with the findings of the same stream that explain it. */
export type Explained = { finding: Seen; by: readonly Seen[] };

/** For each finding of a stream those that it follows from. */
export function explain(view: StreamView, findings: readonly Seen[]): Explained[] {
  return findings.map((finding) => ({
    finding,
    by: findings.filter((other) => explains(view, other, finding)),
  }));
}

/** Whether `effect` is one of what `cause` brings about, and happened then. */
function explains(view: StreamView, cause: Seen, effect: Seen): boolean {
  if (!cause.rule.explains.includes(effect.rule.cause)) return false;
  if (cause.severity < strengthShare * effect.severity) return false;
  const told = effect.rule.isLasting ? effect.slots.slice(0, 1) : effect.slots;
  const covered = told.filter((slot) => isNear(view, slot, cause.slots));
  return covered.length >= coveredShare * told.length;
}

function isNear({ samples }: StreamView, slot: number, slots: Slots): boolean {
  const atMs = samples[slot]?.atMs ?? 0;
  return slots.some((other) => {
    const sinceMs = atMs - (samples[other]?.atMs ?? 0);
    return sinceMs >= -earlierMs && sinceMs <= laterMs;
  });
}

/**
 * Causes that a finding seen in several streams follows from. A leg or a worker is explained only when it is in every
 * stream that shows it: another stream's camera is no reason. There is one operator and one way of commands: what
 * explains them in any stream explains them.
 */
export function causesOf(stage: Stage, streams: readonly Explained[]): readonly Cause[] {
  const sets = streams.map(({ by }) => by.map(({ rule }) => rule.cause));
  if (anyStreamStages.includes(stage)) return sets.flat();
  return sets.every((causes) => causes.length > 0) ? sets.flat() : [];
}
