import { describe, expect, it } from 'vitest';
import { MachineMeter, type MachineReading } from './machine-meter.ts';

const secondUs = 1_000_000;

/** Files of a computer with two cores; times in clock ticks of 10 ms. */
function reading(cpu: { busy: number; idle: number }, processTicks: number): MachineReading {
  const core = (name: string) => `${name} ${cpu.busy} 0 0 ${cpu.idle} 0 0 0 0 0 0\n`;
  return {
    stat: `${core('cpu ')}${core('cpu0')}${core('cpu1')}intr 1 2 3\nctxt 5\n`,
    meminfo: 'MemTotal:        4000 kB\nMemFree:          100 kB\nMemAvailable:    1500 kB\n',
    loadavg: '0.52 0.41 0.30 2/345 6789\n',
    uptime: '12345.67 20000.00\n',
    temperatures: ['41000\n', undefined, '-274000\n', '63500\n', '0\n'],
    processes: [
      {
        ...{ name: 'media', pid: 77, startedUs: 0, restarts: 1 },
        stat: `77 (a ) name) S 1 77 77 0 -1 4 9 9 9 9 ${processTicks} 50 3 3 20 0 11 0 500 9 9`,
        status: 'Name:\tnode\nVmPeak:\t  9999 kB\nVmRSS:\t    64 kB\n',
      },
    ],
  };
}

describe('MachineMeter', () => {
  it('says how busy cores and processes were between two looks, and what there is now', () => {
    const meter = new MachineMeter();
    expect(meter.take(reading({ busy: 1000, idle: 9000 }, 100), 10 * secondUs)).toBeUndefined();
    const stats = meter.take(reading({ busy: 1100, idle: 9300 }, 350), 12 * secondUs);
    expect(stats).toEqual({
      ...{ periodMs: 2000, cpuCount: 2, cpuShare: 0.25, load1: 0.52, load5: 0.41 },
      ...{ memoryTotalBytes: 4_096_000, memoryAvailableBytes: 1_536_000 },
      ...{ temperatureC: 63.5, uptimeS: 12_346 },
      processes: [{ name: 'media', cpuCores: 1.25, rssBytes: 65_536, uptimeS: 12, restarts: 1 }],
    });
  });

  it('leaves a process out until it was there for a whole period', () => {
    const meter = new MachineMeter();
    const first = { ...reading({ busy: 0, idle: 0 }, 0), processes: [] };
    meter.take(first, secondUs);
    const second = meter.take(reading({ busy: 1, idle: 1 }, 10), 3 * secondUs);
    expect(second?.processes).toEqual([]);
    const third = meter.take(reading({ busy: 2, idle: 2 }, 30), 5 * secondUs);
    expect(third?.processes).toMatchObject([{ name: 'media', cpuCores: 0.1 }]);
  });

  it('has no figure where a computer does not say it', () => {
    const meter = new MachineMeter();
    const nothing: MachineReading = {
      ...{ stat: undefined, meminfo: undefined, loadavg: undefined, uptime: undefined },
      ...{ temperatures: [], processes: [] },
    };
    meter.take(nothing, secondUs);
    const stats = meter.take(nothing, 2 * secondUs);
    expect(stats).toEqual({ periodMs: 1000, cpuCount: 1, processes: [] });
  });
});
