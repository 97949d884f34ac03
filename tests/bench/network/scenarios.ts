import type { ProfileName } from '@longreach/netem';

/** Which leg is bad: machine to worker, worker to operator, or both. */
export type Place = 'uplink' | 'operator' | 'both';

/** What a figure should not pass; % and ms. */
export type Reach = {
  lag150?: number;
  overheadPct?: number;
  latencyP95?: number;
  latencyPeak?: number;
  fps: number;
  psnrDb: number;
  /** 90 % of a link's new rate are used after this time. */
  rateMs?: number;
  /** Pictures move again this long after an outage. */
  recoveryMs?: number;
  /** The jitter buffer is small again this long after the path became quiet. */
  bufferMs?: number;
};

/** One network under test, in one place. */
export type Scenario = {
  /** Of the result: profile and place. */
  key: string;
  profile: ProfileName;
  place: Place;
  /** Round trip of both legs together, ms. */
  roundTripMs: number;
  picture: { width: number; height: number };
  seeds: number;
  reach: Reach;
};

const usualRoundTripMs = 30;
const hd = { width: 1280, height: 720 };
const fullHd = { width: 1920, height: 1080 };
const usualReach = { fps: 27, psnrDb: 30 };
const scarceReach = { fps: 20, psnrDb: 27 };
/** Freezes so rare that two minutes would say nothing. */
const manySeeds = 10;
const fewSeeds = 2;

function scenario(
  profile: ProfileName,
  place: Place,
  reach: Omit<Reach, 'fps' | 'psnrDb'>,
  more: Partial<Scenario> = {},
): Scenario {
  const isScarce = profile === 'rate1m' || profile === 'step';
  return {
    key: `${profile}-${place}`,
    profile,
    place,
    roundTripMs: usualRoundTripMs,
    picture: hd,
    seeds: fewSeeds,
    reach: { ...(isScarce ? scarceReach : usualReach), ...reach },
    ...more,
  };
}

/** Every network that is measured, in order. */
export const scenarios: readonly Scenario[] = [
  scenario('clean', 'both', { lag150: 0, overheadPct: 3 }),
  scenario('loss10', 'operator', { lag150: 0.05, overheadPct: 40 }, { seeds: manySeeds }),
  scenario('loss10', 'both', { lag150: 0.1, overheadPct: 40 }, { seeds: manySeeds }),
  scenario('loss30', 'operator', { lag150: 0.2, overheadPct: 150 }, { seeds: manySeeds }),
  scenario('loss30', 'uplink', { lag150: 0.2, overheadPct: 150 }, { seeds: manySeeds }),
  scenario('loss30', 'both', { lag150: 0.5, overheadPct: 150 }, { seeds: manySeeds }),
  scenario('loss50', 'operator', { lag150: 3, overheadPct: 300 }),
  scenario('burst', 'both', { lag150: 0.3, overheadPct: 60 }),
  scenario('rate1m', 'uplink', { lag150: 0.1, latencyP95: 200 }, { picture: fullHd }),
  scenario('rate1m', 'operator', { lag150: 0.1, latencyP95: 200 }, { picture: fullHd }),
  scenario('step', 'uplink', { lag150: 1, latencyPeak: 500, rateMs: 5000 }),
  scenario('jitter', 'both', { lag150: 0.3, bufferMs: 5000 }),
  scenario('outage', 'uplink', { recoveryMs: 200 }),
  scenario('far', 'both', { lag150: 1, overheadPct: 80 }, { roundTripMs: 240 }),
  scenario('trace-4g', 'uplink', { lag150: 1, latencyP95: 250 }),
  scenario('trace-5g', 'uplink', { lag150: 1, latencyP95: 250 }),
];

/** The scenarios with this key, or all of this profile; undefined: all. Throws when there is none. */
export function chooseScenarios(name: string | undefined): Scenario[] {
  const chosen = scenarios.filter(
    ({ key, profile }) => name === undefined || key === name || profile === name,
  );
  if (chosen.length > 0) return chosen;
  const keys = scenarios.map(({ key }) => key).join(', ');
  throw new RangeError(`there is no profile ${name}; there are: ${keys}`);
}
