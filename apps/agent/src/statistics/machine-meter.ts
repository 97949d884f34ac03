import type { GatewayMachineStats, GatewayProcessStats } from '@longreach/protocol';
import {
  type CpuTimes,
  countCpus,
  parseCpuTimes,
  parseKilobytes,
  parseNumbers,
  parseProcessCpuUs,
  parseTemperatureC,
} from './proc-files.ts';
import { rounded, roundedAll } from './rounded.ts';

/** One process and what the system's files say of it; a file that could not be read is undefined. */
export type ProcessReading = {
  name: string;
  pid: number;
  startedUs: number;
  restarts: number;
  stat: string | undefined;
  status: string | undefined;
};

/** What the system's files say at one moment. */
export type MachineReading = {
  stat: string | undefined;
  meminfo: string | undefined;
  loadavg: string | undefined;
  uptime: string | undefined;
  temperatures: Array<string | undefined>;
  processes: ProcessReading[];
};

/** Makes figures of a period of what is read at its two ends. Pure: time is given, µs. */
export class MachineMeter {
  #beforeUs: number | undefined;
  #cpu: CpuTimes | undefined;
  #processCpuUs = new Map<number, number>();

  /** The figures since the last call; undefined at the first. */
  take(reading: MachineReading, nowUs: number): GatewayMachineStats | undefined {
    const elapsedUs = nowUs - (this.#beforeUs ?? nowUs);
    const cpuShare = this.#takeCpuShare(reading.stat);
    const processes = this.#takeProcesses(reading.processes, nowUs, elapsedUs);
    this.#beforeUs = nowUs;
    if (elapsedUs <= 0) return undefined;
    return {
      periodMs: rounded(elapsedUs / 1000, 0),
      cpuCount: Math.max(1, countCpus(reading.stat)),
      ...roundedAll({ cpuShare }, 3),
      ...machineFigures(reading),
      processes,
    };
  }

  #takeCpuShare(stat: string | undefined): number | undefined {
    const [before, now] = [this.#cpu, stat === undefined ? undefined : parseCpuTimes(stat)];
    this.#cpu = now;
    if (!before || !now || now.totalUs <= before.totalUs) return undefined;
    const idleShare = (now.idleUs - before.idleUs) / (now.totalUs - before.totalUs);
    return Math.max(0, Math.min(1, 1 - idleShare));
  }

  /** A process that began in the period is told of at the end of the next. */
  #takeProcesses(
    readings: ProcessReading[],
    nowUs: number,
    elapsedUs: number,
  ): GatewayProcessStats[] {
    const before = this.#processCpuUs;
    this.#processCpuUs = new Map();
    return readings.flatMap(({ name, pid, startedUs, restarts, stat, status }) => {
      const cpuUs = parseProcessCpuUs(stat ?? '');
      const rssBytes = parseKilobytes(status ?? '', 'VmRSS');
      if (cpuUs === undefined || rssBytes === undefined) return [];
      this.#processCpuUs.set(pid, cpuUs);
      const usedUs = cpuUs - (before.get(pid) ?? Number.NaN);
      if (!(usedUs >= 0) || elapsedUs <= 0) return [];
      const cpuCores = rounded(usedUs / elapsedUs, 3);
      const uptimeS = rounded(Math.max(0, nowUs - startedUs) / 1_000_000, 0);
      return [{ name, cpuCores, rssBytes, uptimeS, restarts }];
    });
  }
}

function machineFigures(reading: MachineReading): Partial<GatewayMachineStats> {
  const { meminfo = '', loadavg = '', uptime = '', temperatures } = reading;
  const [load1, load5] = parseNumbers(loadavg);
  const [uptimeS] = parseNumbers(uptime);
  const memoryTotalBytes = parseKilobytes(meminfo, 'MemTotal');
  const memoryAvailableBytes = parseKilobytes(meminfo, 'MemAvailable');
  return {
    ...roundedAll({ load1, load5 }, 2),
    ...roundedAll({ memoryTotalBytes, memoryAvailableBytes, uptimeS }, 0),
    ...roundedAll({ temperatureC: hottest(temperatures) }, 1),
  };
}

function hottest(texts: Array<string | undefined>): number | undefined {
  const known = texts.flatMap((text) => parseTemperatureC(text ?? '') ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}
