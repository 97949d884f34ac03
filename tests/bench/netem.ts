/**
 * The network emulator itself: what it carries, at which share of a core, and how exactly it delays. Sender and
 * receiver are one process, the emulator another. Options: --json, --seconds N (each part), --mbps N (offered load, default 300).
 */
import { loadavg, setPriority } from 'node:os';
import { type LegSettings, profileOf, startNetemProcess } from '@longreach/netem';
import { type LoadResult, type LoadShape, UdpLoad } from './netem/udp-load.ts';
import { processCpuUs } from './process-cpu.ts';
import { ascending, numberOption, printReport, quantile, rounded } from './report.ts';

const seconds = numberOption('seconds', 10);
const mbps = numberOption('mbps', 300);
const payloadBytes = 1200;
const delayMs = 7.5;
const perSecond = (mbps * 1_000_000) / 8 / payloadBytes;
/** The offered load, evenly. */
const full: LoadShape = {
  seconds,
  payloadBytes,
  perBurst: Math.ceil(perSecond / 1000),
  intervalMs: 1,
};
/** A camera: 30 pictures a second of 10 packets. */
const camera: LoadShape = { seconds, payloadBytes, perBurst: 10, intervalMs: 1000 / 30 };

type Through = LoadResult & { cores: number; delivered: number; overflow: number };

async function runThrough(load: UdpLoad, profile: LegSettings, shape: LoadShape): Promise<Through> {
  const to = { address: '127.0.0.1', port: load.port };
  const netem = await startNetemProcess({ to, profile });
  try {
    const startUs = processCpuUs(netem.pid);
    const result = await load.run(netem.port, shape);
    const cores = (processCpuUs(netem.pid) - startUs) / (shape.seconds * 1_000_000);
    const { deliveredPackets, droppedPackets } = (await netem.counters()).toTarget;
    return { ...result, cores, delivered: deliveredPackets, overflow: droppedPackets.overflow };
  } finally {
    await netem.close();
  }
}

/** Distance from the intended delay, ms. */
function errorsOf({ delaysMs }: LoadResult, intendedMs: number) {
  const errors = ascending(delaysMs.map((ms) => ms - intendedMs));
  return { p50: rounded(quantile(errors, 0.5), 3), p99: rounded(quantile(errors, 0.99), 3) };
}

function mbpsOf(packets: number): number {
  return rounded((packets * payloadBytes * 8) / 1_000_000 / seconds, 1);
}

const sharedDelay = profileOf('clean', { roundTripMs: 4 * delayMs });
try {
  // The emulator asks for it too; what offers the load must not be the slower one. Needs root or CAP_SYS_NICE.
  setPriority(-10);
} catch {
  // On a quiet machine it makes no difference.
}
const load = await UdpLoad.open();
const direct = await load.run(load.port, camera);
const precise = await runThrough(load, sharedDelay, camera);
const loaded = await runThrough(load, sharedDelay, full);
load.close();

const result = {
  offeredMbps: mbpsOf(loaded.sent),
  carriedMbps: mbpsOf(loaded.delivered),
  // What the receiver of a busy machine misses was carried all the same.
  carriedShare: rounded(loaded.delivered / loaded.sent, 4),
  receivedShare: rounded(loaded.received / loaded.sent, 4),
  overflow: loaded.overflow,
  cores: rounded(loaded.cores),
  mbpsPerCore: rounded(mbpsOf(loaded.delivered) / loaded.cores, 0),
  loadedErrorMs: errorsOf(loaded, delayMs),
  errorMs: errorsOf(precise, delayMs),
  cameraCores: rounded(precise.cores, 3),
  directMs: errorsOf(direct, 0),
  load: rounded(loadavg()[0] as number),
};
const both = ({ p50, p99 }: { p50: number; p99: number }) => `${p50} / ${p99}`;
printReport(
  `Network emulator, ${delayMs} ms of delay`,
  [
    { figure: 'carried, Mbit/s', seen: `${result.carriedMbps}`, reach: `${mbps}` },
    { figure: 'carried, share', seen: `${result.carriedShare}`, reach: '1' },
    { figure: '  received, share', seen: `${result.receivedShare}` },
    { figure: '  offered, Mbit/s', seen: `${result.offeredMbps}`, reach: `${mbps}` },
    { figure: '  CPU, share of a core', seen: `${result.cores}`, reach: '<= 1' },
    { figure: '  carried for each whole core, Mbit/s', seen: `${result.mbpsPerCore}` },
    { figure: '  actual minus intended delay, ms, p50 / p99', seen: both(result.loadedErrorMs) },
    { figure: 'one camera: actual minus intended, p50 / p99', seen: both(result.errorMs) },
    { figure: '  CPU, share of a core', seen: `${result.cameraCores}` },
    { figure: 'one camera without the emulator, ms', seen: both(result.directMs) },
    { figure: 'load of the machine', seen: `${result.load}` },
  ],
  result,
);
