/** The page's monotonic clock and its timers, as everything in this package sees them. */
export type PageClock = {
  /** ms since the page's time origin. */
  nowMs(): number;
  /** Runs once after `delayMs`; gives what cancels it. */
  after(delayMs: number, run: () => void): () => void;
};

/** The browser's own. */
export const browserClock: PageClock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Runs `run` every `periodMs` until cancelled; the next run is set after the present one. */
export function every(clock: PageClock, periodMs: number, run: () => void): () => void {
  let cancel = clock.after(periodMs, tick);
  let stopped = false;
  function tick(): void {
    run();
    if (!stopped) cancel = clock.after(periodMs, tick);
  }
  return () => {
    stopped = true;
    cancel();
  };
}
