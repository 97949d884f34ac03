import { processCpuUs } from '../bench/process-cpu.ts';

/** Gives, at each call, the share of one core that a process used since the call before. */
export function createCpuMeter(pid: number): () => number {
  let [cpuUs, atMs] = [processCpuUs(pid), performance.now()];
  return () => {
    const [nowCpuUs, nowMs] = [processCpuUs(pid), performance.now()];
    const share = (nowCpuUs - cpuUs) / 1000 / (nowMs - atMs);
    [cpuUs, atMs] = [nowCpuUs, nowMs];
    return share;
  };
}
