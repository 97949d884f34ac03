/** A clock that is off by an offset and runs at a speed of its own, against this computer's monotonic clock. */
export type ClockShift = {
  offsetUs: number;
  driftPpm: number;
  /** When the drift began, this computer's clock, µs. */
  originUs: number;
};

/** Environment variable with the shift of the machine's clock, as JSON. */
export const clockShiftVariable = 'LONGREACH_TEST_CLOCK_SHIFT';

/** What the shifted clock shows, µs. */
export function shiftedUs(realUs: number, { offsetUs, driftPpm, originUs }: ClockShift): number {
  return realUs + offsetUs + ((realUs - originUs) * driftPpm) / 1_000_000;
}

/** A shift whose drift begins now. */
export function clockShiftFromNow(offsetUs: number, driftPpm: number): ClockShift {
  const [seconds, nanoseconds] = process.hrtime();
  return { offsetUs, driftPpm, originUs: seconds * 1_000_000 + nanoseconds / 1000 };
}

/** Runs `start` so that the machine's processes that it forks live by the shifted clock; the server's do not. */
export async function withShiftedMachine<Started>(
  shift: ClockShift,
  start: () => Promise<Started>,
): Promise<Started> {
  const preload = new URL('./shifted-clock-main.ts', import.meta.url).href;
  const { NODE_OPTIONS: before } = process.env;
  process.env.NODE_OPTIONS = `${before ?? ''} --import=${preload}`;
  process.env[clockShiftVariable] = JSON.stringify(shift);
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
    delete process.env[clockShiftVariable];
  }
}
