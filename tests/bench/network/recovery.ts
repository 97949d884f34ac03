import type { OutageSettings, RateStep } from '@longreach/netem';
import type { ShownPictures } from './shown-pictures.ts';

/** Pictures move when the next one follows within this time, ms. */
const movingGapMs = 100;
/** An outage that ends so shortly before the run does cannot be judged, ms. */
const judgedMs = 1500;

/** How long after each outage pictures moved again, ms; `scheduleMs` = when the outages' schedule began. */
export function outageRecoveries(
  { pictures, endMs }: ShownPictures,
  outage: OutageSettings,
  scheduleMs: number,
): number[] {
  const { periodMs, lengthMs, offsetMs = periodMs - lengthMs } = outage;
  const recoveries: number[] = [];
  for (let endOf = scheduleMs + offsetMs + lengthMs; endOf + judgedMs < endMs; endOf += periodMs) {
    const moving = pictures.find(
      ({ seenMs }, i) =>
        seenMs >= endOf && (pictures[i + 1]?.seenMs ?? endMs) - seenMs < movingGapMs,
    );
    recoveries.push((moving?.seenMs ?? endMs) - endOf);
  }
  return recoveries;
}

/** Bytes that were sent up to a time. */
export type SentBytes = { atMs: number; bytes: number };

/** How a sender follows changes of its link's rate. */
export type RateFollowing = { downMs: number[]; upMs: number[] };

const windowMs = 1000;
/** Share of the new rate that must be used, and how far above it a sender may be. */
const usedShare = 0.9;
const excessShare = 1.1;
/** What a sender that needs less than the link carries sends is known from its last seconds before a step down. */
const referenceMs = 4000;

/** For each step within the measured time: when, for a second on end, the new rate was used and not passed. */
export function rateFollowing(
  sent: SentBytes[],
  steps: readonly RateStep[],
  { scheduleMs, endMs }: { scheduleMs: number; endMs: number },
): RateFollowing {
  const following: RateFollowing = { downMs: [], upMs: [] };
  const first = steps[0];
  if (!first) return following;
  let [atMs, rateKbps, wantedKbps] = [scheduleMs, first.rateKbps, first.rateKbps];
  for (let i = 0; ; i++) {
    const nextMs = atMs + (steps[i % steps.length] as RateStep).durationMs;
    if (nextMs + windowMs > endMs) return following;
    const next = (steps[(i + 1) % steps.length] as RateStep).rateKbps;
    const isDown = next < rateKbps;
    if (isDown) wantedKbps = kbpsOf(sent, nextMs - referenceMs, nextMs);
    const target = Math.min(next, isDown ? next : wantedKbps);
    const reachedMs = reachedAfter(sent, nextMs, Math.min(endMs, nextMs + maxWaitMs), target);
    following[isDown ? 'downMs' : 'upMs'].push(reachedMs);
    [atMs, rateKbps] = [nextMs, next];
  }
}

const maxWaitMs = 15_000;
const lookMs = 100;

function reachedAfter(sent: SentBytes[], fromMs: number, endMs: number, kbps: number): number {
  for (let atMs = fromMs; atMs + windowMs <= endMs; atMs += lookMs) {
    const seen = kbpsOf(sent, atMs, atMs + windowMs);
    if (seen >= usedShare * kbps && seen <= excessShare * kbps) return atMs - fromMs;
  }
  return endMs - fromMs;
}

function kbpsOf(sent: SentBytes[], fromMs: number, toMs: number): number {
  return ((bytesAt(sent, toMs) - bytesAt(sent, fromMs)) * 8) / (toMs - fromMs);
}

/** Between two records bytes are taken to flow evenly. */
function bytesAt(sent: SentBytes[], atMs: number): number {
  const after = sent.findIndex((one) => one.atMs >= atMs);
  const next = sent[after];
  const before = sent[after - 1];
  if (!next) return sent.at(-1)?.bytes ?? 0;
  if (!before) return next.bytes;
  const share = (atMs - before.atMs) / (next.atMs - before.atMs);
  return before.bytes + share * (next.bytes - before.bytes);
}
