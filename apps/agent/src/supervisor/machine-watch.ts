import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '@longreach/kit';
import { type GatewayMachineStats, gatewayStatsPeriodMs } from '@longreach/protocol';
import {
  MachineMeter,
  type MachineReading,
  type ProcessReading,
} from '../statistics/machine-meter.ts';

/** A process to be watched. */
export type WatchedProcess = Omit<ProcessReading, 'stat' | 'status'>;

/** What a watch looks at, and whom it tells. */
export type MachineWatchOptions = {
  clock: Clock;
  /** Those that run now. */
  processes: () => WatchedProcess[];
  onStats: (stats: GatewayMachineStats) => void;
};

const thermalDirectory = '/sys/class/thermal';
/** Sensors that are read; a machine has one to a dozen. */
const maxSensors = 16;

/** Reads what the system's files say of the computer and the machine's processes, each period, without blocking. */
export class MachineWatch {
  readonly #options: MachineWatchOptions;
  readonly #meter = new MachineMeter();
  readonly #timer: NodeJS.Timeout;
  readonly #sensors = findSensors();
  #isReading = false;
  #closed = false;

  constructor(options: MachineWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), gatewayStatsPeriodMs);
    void this.#look();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // A sensor's driver may take its time; then this period is a longer one.
    if (this.#isReading) return;
    this.#isReading = true;
    const reading = await this.#read();
    this.#isReading = false;
    if (this.#closed) return;
    const stats = this.#meter.take(reading, this.#options.clock.nowUs());
    if (stats) this.#options.onStats(stats);
  }

  async #read(): Promise<MachineReading> {
    const sensors = await this.#sensors;
    const [stat, meminfo, loadavg, uptime, temperatures, processes] = await Promise.all([
      readText('/proc/stat'),
      readText('/proc/meminfo'),
      readText('/proc/loadavg'),
      readText('/proc/uptime'),
      Promise.all(sensors.map(readText)),
      Promise.all(this.#options.processes().map(readProcess)),
    ]);
    return { stat, meminfo, loadavg, uptime, temperatures, processes };
  }
}

async function readProcess(process: WatchedProcess): Promise<ProcessReading> {
  const [stat, status] = await Promise.all([
    readText(`/proc/${process.pid}/stat`),
    readText(`/proc/${process.pid}/status`),
  ]);
  return { ...process, stat, status };
}

/** Sensors' files; none where the system has none or is another one. */
async function findSensors(): Promise<string[]> {
  const names = await readdir(thermalDirectory).catch(() => []);
  return names
    .filter((name) => name.startsWith('thermal_zone'))
    .slice(0, maxSensors)
    .map((name) => `${thermalDirectory}/${name}/temp`);
}

/** Undefined for what cannot be read: another system, a process that ended, a sensor that is off. */
function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
