import type { Clock } from '@longreach/kit';

/** The machine clock: `CLOCK_MONOTONIC` in whole µs, the same for all processes of this machine. */
export const machineClock: Clock = {
  nowUs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
  },
};
