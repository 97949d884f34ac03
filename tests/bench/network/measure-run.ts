import { setTimeout as sleep } from 'node:timers/promises';
import type { LegSettings, RelayCounters } from '@longreach/netem';
import type { Page } from 'playwright-core';
import { launchWindow } from '../latency/browser-window.ts';
import { type StampReader, startStampReader } from '../latency/stamp-reader.ts';
import type { Sighting, StampReading } from '../latency/stamp-reading.ts';
import type { VirtualScreen } from '../latency/virtual-screen.ts';
import { type BenchSystem, startBenchSystem } from './bench-system.ts';
import { busyPct, readCpuTicks } from './cpu-load.ts';
import { type EncodedPicture, readEncodedList } from './encoded-list.ts';
import type { PageResult } from './page/page-result.ts';
import type { Scenario } from './scenarios.ts';
import { createTapFolder } from './tap-folder.ts';
import { readTraffic, type TrafficRecord } from './traffic-record.ts';

/** How pictures are played: by our own receiver, by the browser's, or by the browser's as it comes. */
export type PlayerName = 'datagram' | 'rtp' | 'plain';

export type RunOptions = {
  scenario: Scenario;
  seed: number;
  player: PlayerName;
  seconds: number;
  screen: VirtualScreen;
  pageDir: string;
  /** Connections are made before the networks turn bad; default false. */
  connectsCalmly?: boolean;
};

/** Nothing was shown in the time that a start may take. */
export class NoPictureError extends Error {}

/** All counters at one time. */
export type Counters = { uplink: RelayCounters; operator: RelayCounters; page: PageResult };

/** How the player came to rest after its path became quiet. */
export type QuietPhase = {
  startedUs: number;
  reading: StampReading;
  /** What the player holds back, ms; null = it does not say. */
  buffers: { atUs: number; bufferMs: number | null }[];
};

/** Raw material of one run. */
export type NetworkRun = {
  reading: StampReading;
  /** Of all cores, by anybody. */
  cpuPct: number;
  /** The newest picture before the measured time. */
  lastBefore: Sighting | undefined;
  /** When the profile's schedules began, machine clock, µs. */
  scheduleUs: number;
  after: Counters;
  ports: { uplink: number; operator: number };
  /** What the emulators were told. */
  legs: { uplink: LegSettings; operator: LegSettings };
  quiet: QuietPhase | undefined;
  encoded: EncodedPicture[];
  transport: TrafficRecord[];
  worker: TrafficRecord[];
};

type Watched = Omit<NetworkRun, 'encoded' | 'transport' | 'worker'>;

const operatorId = 'operator-1';
const startTimeoutMs = 40_000;
const warmUpMs = 8000;
const lookMs = 250;
const quietMs = 7000;
const readerPauseMs = 1;

/** One run: networks, server, machine and browser of its own. */
export async function measureRun(options: RunOptions): Promise<NetworkRun> {
  const { scenario, screen, seed, pageDir } = options;
  const taps = await createTapFolder();
  const reader = startStampReader(screen.framebufferPath, {
    pictureWidth: scenario.picture.width,
    pauseMs: readerPauseMs,
    samples: { folder: taps.path, ...scenario.picture },
  });
  try {
    const bench = await startBenchSystem({ scenario, seed, pageDir, taps });
    try {
      const watched = await watch(bench, reader, options);
      return {
        ...watched,
        encoded: await readEncodedList(taps.path),
        transport: await readTraffic(taps.path, 'transport-main'),
        worker: await readTraffic(taps.path, 'worker-main'),
      };
    } finally {
      await bench.close();
    }
  } finally {
    await reader.close();
    await taps.close();
  }
}

async function watch(
  bench: BenchSystem,
  reader: StampReader,
  options: RunOptions,
): Promise<Watched> {
  const context = await launchWindow(options.screen);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('console', (message) => {
      if (message.type() === 'error') process.stderr.write(`page: ${message.text()}\n`);
    });
    if (options.connectsCalmly) await Promise.all([bench.uplink.calm(), bench.operator.calm()]);
    await page.goto(pageUrl(bench, options));
    const lastBefore = await warmUp(bench, reader);
    // Rate steps and outages begin with the measured time, so that all of a period is seen.
    await Promise.all([bench.uplink.restart(), bench.operator.restart()]);
    const scheduleUs = nowUs();
    const missed = (await reader.take()).sightings.at(-1);
    const ticks = readCpuTicks();
    await sleep(options.seconds * 1000);
    const reading = await reader.take();
    const cpuPct = busyPct(ticks, readCpuTicks());
    const after = await readCounters(bench, page);
    return {
      reading,
      cpuPct,
      lastBefore: missed ?? lastBefore,
      scheduleUs,
      after,
      ports: { uplink: bench.uplink.port, operator: bench.operator.port },
      legs: { uplink: bench.uplink.settings, operator: bench.operator.settings },
      quiet: options.scenario.profile === 'jitter' ? await quiet(bench, reader, page) : undefined,
    };
  } finally {
    await context.close();
  }
}

/** Waits for the first picture and then for all estimates to settle under the profile. Gives the newest picture seen. */
async function warmUp(bench: BenchSystem, reader: StampReader): Promise<Sighting | undefined> {
  const deadlineMs = performance.now() + startTimeoutMs;
  let newest: Sighting | undefined;
  while (!newest) {
    if (performance.now() > deadlineMs) throw new NoPictureError('no picture came');
    await sleep(lookMs);
    newest = (await reader.take()).sightings.at(-1);
  }
  await Promise.all([bench.uplink.restart(), bench.operator.restart()]);
  await sleep(warmUpMs);
  return (await reader.take()).sightings.at(-1) ?? newest;
}

/** Takes the jitter away and looks how long the player goes on waiting for it. */
async function quiet(bench: BenchSystem, reader: StampReader, page: Page): Promise<QuietPhase> {
  await Promise.all([bench.uplink.calm(), bench.operator.calm()]);
  await reader.take();
  const startedUs = nowUs();
  const buffers: QuietPhase['buffers'] = [];
  while (nowUs() < startedUs + quietMs * 1000) {
    const { jitterBufferMs } = await page.evaluate(() => window.takeNetworkResult());
    buffers.push({ atUs: nowUs(), bufferMs: jitterBufferMs });
    await sleep(lookMs);
  }
  return { startedUs, reading: await reader.take(), buffers };
}

/** The page first: what it has received must have passed an emulator by then. */
async function readCounters(bench: BenchSystem, page: Page): Promise<Counters> {
  const result = await page.evaluate(() => window.takeNetworkResult());
  const [uplink, operator] = await Promise.all([bench.uplink.counts(), bench.operator.counts()]);
  return { uplink, operator, page: result };
}

function pageUrl({ system }: BenchSystem, { scenario, player }: RunOptions): string {
  const values = {
    machine: system.machineId,
    operator: operatorId,
    key: system.operatorKeys.get(operatorId) ?? '',
    player,
    width: `${scenario.picture.width}`,
    height: `${scenario.picture.height}`,
  };
  return `${system.server.url}/#${new URLSearchParams(values)}`;
}

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}
