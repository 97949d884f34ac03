import { setTimeout as wait } from 'node:timers/promises';
import { processCpuUs } from '../process-cpu.ts';

const windowMs = 200;
/** CPU share of a media process that draws and encodes nothing; four cameras take ten times as much. */
const idleShare = 0.06;
/** Quiet windows in a row. */
const neededWindows = 2;
const timeoutMs = 20_000;

/** Resolves when the process uses next to no CPU; rejects when it does not come to rest. */
export async function untilIdle(pid: () => number | undefined): Promise<void> {
  const startedMs = performance.now();
  let quiet = 0;
  while (quiet < neededWindows) {
    if (performance.now() - startedMs > timeoutMs) throw new Error('the encoder does not stop');
    const process = pid();
    const beforeUs = process === undefined ? Number.NaN : processCpuUs(process);
    const beforeMs = performance.now();
    await wait(windowMs);
    if (process === undefined || process !== pid()) continue;
    const share = (processCpuUs(process) - beforeUs) / (1000 * (performance.now() - beforeMs));
    quiet = share <= idleShare ? quiet + 1 : 0;
  }
}
