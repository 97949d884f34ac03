import type { Clock } from '@longreach/kit';

/** The machine's monotonic clock (`CLOCK_MONOTONIC`), µs. */
export const monotonicClock: Clock = {
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
};
