import type { Clock } from '@longreach/kit';

/**
 * The monotonic clock of this machine (`CLOCK_MONOTONIC`) in whole µs, the same in all its processes. A media
 * worker's is the clock domain that everybody else measures an offset to.
 */
export const monotonicClock: Clock = {
  // Asked for every packet: the pair of numbers costs less than a bigint.
  nowUs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
  },
};
