/** How long a process is stopped and how long it runs, again and again, ms. */
export type HoldRhythm = { stoppedMs: number; runningMs: number };

/** Takes the CPU from processes for a share of the time; gives what lets them run again. */
export function holdProcesses(
  pids: readonly number[],
  { stoppedMs, runningMs }: HoldRhythm,
): () => void {
  let timer: NodeJS.Timeout;
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended meanwhile: there is nothing to hold.
      }
    }
  };
  const stop = () => {
    signal('SIGSTOP');
    timer = setTimeout(run, stoppedMs);
  };
  const run = () => {
    signal('SIGCONT');
    timer = setTimeout(stop, runningMs);
  };
  stop();
  return () => {
    clearTimeout(timer);
    signal('SIGCONT');
  };
}
