declare global {
  interface Window {
    /** From now on statistics are collected with such waits between them, ms; undefined: not at all. */
    setStatisticsWait(waitMs: number | undefined): void;
  }
}

/** A period of statistics that no other timer of the page has, ms. */
export const heldPeriodMs = 59_999;

/** Takes the timers of the statistics over, so that the page can be measured with and without. */
export function holdStatistics(): void {
  const held: TimerHandler[] = [];
  const realSetTimeout = window.setTimeout;
  let waitMs: number | undefined;
  const run = (handler: TimerHandler) => realSetTimeout(handler, waitMs);
  window.setTimeout = ((handler: TimerHandler, delayMs?: number, ...given: unknown[]) => {
    if (delayMs !== heldPeriodMs) return realSetTimeout(handler, delayMs, ...given);
    if (waitMs !== undefined) return run(handler);
    held.push(handler);
    return 0;
  }) as typeof window.setTimeout;
  window.setStatisticsWait = (wantedMs) => {
    waitMs = wantedMs;
    if (waitMs !== undefined) for (const handler of held.splice(0)) run(handler);
  };
}
