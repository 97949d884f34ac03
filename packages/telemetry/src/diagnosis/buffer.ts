import { neededBufferMs } from '../jitter-watchdog.ts';
import { figures } from './figures.ts';
import type { StreamSample } from './input.ts';

/** Held longer than this, pictures come a picture and a half late; arrivals that waver by 20 ms need less, ms. */
export const heldLimitMs = 45;
/** More than needed by so much is too much, as for the watchdog of the player, ms. */
export const allowanceMs = 20;

/** How long pictures are held on purpose: beyond the target they wait for what is missing, ms. */
export function heldMs(sample: StreamSample): number | undefined {
  const buffer = figures.bufferMs.of(sample);
  return buffer === undefined
    ? undefined
    : Math.min(buffer, figures.bufferTargetMs.of(sample) ?? buffer);
}

/** What the arrivals of the period made necessary, ms; undefined when the jitter is not known. */
export function neededMs(sample: StreamSample): number | undefined {
  const jitterMs = figures.jitterMs.of(sample);
  if (jitterMs === undefined) return undefined;
  const roundTripMs = figures.downlinkRoundTripMs.of(sample);
  // Whoever does not say may have waited for repeats.
  const repeatsAsked = figures.repeatsAsked.of(sample) ?? 1;
  return neededBufferMs({ jitterMs, roundTripMs, repeatsAsked });
}

/** Whether pictures are held too long, and whether arrivals give a reason for it. */
export function holdOf(sample: StreamSample): 'ok' | 'forJitter' | 'creep' {
  const [held, needed] = [heldMs(sample), neededMs(sample)];
  if (held === undefined || needed === undefined || held < heldLimitMs) return 'ok';
  if (held > needed + allowanceMs) return 'creep';
  // Waiting for repeats over a long way is no growth: it lasts as long as the way does.
  return figures.repeatsAsked.of(sample) === 0 ? 'forJitter' : 'ok';
}
