import { invalidParameters } from '../errors.ts';

/** What `statsPeriodMs` may be, ms; not given: `default`. */
export const statsPeriods = { leastMs: 100, mostMs: 60_000, default: 2000 } as const;

/** The period of the statistics, ms. Throws InvalidParameters when it is none. */
export function statsPeriodOf(wantedMs: number = statsPeriods.default): number {
  const { leastMs, mostMs } = statsPeriods;
  if (typeof wantedMs === 'number' && wantedMs >= leastMs && wantedMs <= mostMs) return wantedMs;
  throw invalidParameters(`statsPeriodMs is a number from ${leastMs} to ${mostMs}`);
}
