import { readFileSync } from 'node:fs';

/** Ticks of all cores since the computer started, by proc(5): everything, and doing nothing. */
export type CpuTicks = { all: number; idle: number };

/** Reads the computer's counters. */
export function readCpuTicks(): CpuTicks {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    all: fields.reduce((sum, ticks) => sum + ticks, 0),
    idle: (fields[3] ?? 0) + (fields[4] ?? 0),
  };
}

/** Share of all cores that was in use in between, by anybody, %. */
export function busyPct(from: CpuTicks, to: CpuTicks): number {
  return (1 - (to.idle - from.idle) / (to.all - from.all)) * 100;
}
