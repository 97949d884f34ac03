import { readFileSync } from 'node:fs';
import type { LegSettings, LinkSettings } from './link-settings.ts';
import { derivedSeed } from './seeded-random.ts';
import { parseTrace } from './trace.ts';
import type { ShippedTraceName } from './trace-generator.ts';

/** Networks with a name. */
export const profileNames = [
  ...(['clean', 'loss10', 'loss30', 'loss50', 'burst', 'rate1m', 'step'] as const),
  ...(['jitter', 'outage', 'far', 'trace-4g', 'trace-5g'] as const),
] as const;

/** Name of a network. */
export type ProfileName = (typeof profileNames)[number];

/** Which direction of the leg carries the pictures: rate limits and traces act on it alone, the way back only has delay. */
export type MediaDirection = 'toTarget' | 'toFlow';

/** How a profile is applied to a leg. */
export type ProfileOptions = {
  /** Round trip over both legs together, ms; this leg has half of it. Default 30, `far` 240. */
  roundTripMs?: number;
  /** Default 1. Two legs of one path need different ones, or they lose the same packets. */
  seed?: number;
  /** Default `toTarget`: the machine's uplink, as it connects to the worker. A viewer's leg: `toFlow`. */
  media?: MediaDirection;
};

/** What a profile does to the media direction and to the way back, besides delay and seed. */
type ProfileEffect = { media: LinkSettings; back?: LinkSettings; roundTripMs?: number };

const defaultRoundTripMs = 30;
/** One way of one of two legs. */
const waysOfRoundTrip = 4;

const effects: Record<ProfileName, () => ProfileEffect> = {
  clean: () => both({}),
  loss10: () => both(uniform(0.1)),
  loss30: () => both(uniform(0.3)),
  loss50: () => both(uniform(0.5)),
  burst: () => both({ loss: { kind: 'bursts', share: 0.05, meanBurstPackets: 5 } }),
  rate1m: () => ({ media: { rate: 1000, queue: { ms: 200 } } }),
  step: () => ({
    media: {
      rate: [4000, 800].map((rateKbps) => ({ durationMs: 15_000, rateKbps })),
      queue: { ms: 250 },
    },
  }),
  // The packets of a picture must be late together, or each picture is as late as its latest packet, and none jitters.
  jitter: () => both({ jitter: { maxMs: 50, order: 'kept', holdMs: 20 } }),
  outage: () => both({ outage: { periodMs: 10_000, lengthMs: 400 } }),
  far: () => ({ ...both(uniform(0.05)), roundTripMs: 240 }),
  'trace-4g': () => tracedBy('trace-4g'),
  'trace-5g': () => tracedBy('trace-5g'),
};

/** The settings of both directions of one leg under a named network. */
export function profileOf(name: ProfileName, options: ProfileOptions = {}): LegSettings {
  const effect = effects[name]();
  const { seed = 1, media = 'toTarget' } = options;
  const roundTripMs = options.roundTripMs ?? effect.roundTripMs ?? defaultRoundTripMs;
  const delayMs = roundTripMs / waysOfRoundTrip;
  // A trace brings the delay of its own direction.
  const forth: LinkSettings = {
    ...effect.media,
    delayMs: effect.media.trace ? 0 : delayMs,
    seed: derivedSeed(seed, 0),
  };
  const back: LinkSettings = { ...effect.back, delayMs, seed: derivedSeed(seed, 1) };
  return media === 'toTarget'
    ? { toTarget: forth, toFlow: back }
    : { toTarget: back, toFlow: forth };
}

/** Whether a text is a profile's name. */
export function isProfileName(text: string): text is ProfileName {
  return profileNames.some((name) => name === text);
}

function both(settings: LinkSettings): ProfileEffect {
  return { media: settings, back: settings };
}

function uniform(share: number): LinkSettings {
  return { loss: { kind: 'uniform', share } };
}

function tracedBy(name: ShippedTraceName): ProfileEffect {
  const url = new URL(`../traces/${name}.txt`, import.meta.url);
  return { media: { trace: parseTrace(readFileSync(url, 'utf8')), queue: { ms: traceQueueMs } } };
}

/** Radio networks queue long; past this a packet is of no use to a driver anyway. */
const traceQueueMs = 300;
