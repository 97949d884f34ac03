import { readFileSync } from 'node:fs';

/** The kernel's clock ticks a second; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU time that a process and its threads used so far, user and system, µs. Source: proc(5), fields 14 and 15. */
export function processCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return (ticks * 1_000_000) / ticksPerSecond;
}
