import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../support/browser.ts';
import { processCpuUs } from '../process-cpu.ts';
import { median } from '../report.ts';
import { streamsOfEach, type TwoMachines } from './two-machines.ts';
import type { PlayerName } from './watched-page.ts';
import './page/page-result.ts';

/** What statistics of 16 tracks cost the browser. */
export type StatsCost = {
  /** One getStats with all that is made of it, of one connection with eight streams, CPU ms. */
  collectionMs: number;
  /** All of them at the default periods, % of a core. */
  collectionsPct: number;
  /** The callbacks in which the SDK looks at every presented frame, % of a core. */
  framesPct: number;
  framesPerSecond: number;
};

/** What one window of time used. */
type Usage = { cpuPct: number; collections: number; observerPct: number; frames: number };

/** So often that their cost stands out of what decoding uses, against hardly ever, ms. */
const oftenMs = 100;
const hardlyMs = 60_000;
const settleMs = 6000;
const startTimeoutMs = 60_000;
const warmUpPictures = 30;

/**
 * Measures by difference: the CPU time of the page's process with statistics every 100 ms less that with none, divided
 * by the collections more; decoding, which costs a hundred times as much, is in both. In turn, in a fresh browser each.
 */
export async function measureStatsCost(
  machines: TwoMachines,
  player: PlayerName,
  { seconds, rounds }: { seconds: number; rounds: number },
): Promise<StatsCost> {
  const costs: number[] = [];
  const quiet: Usage[] = [];
  for (let round = 0; round < rounds; round++) {
    const hardly = await measureUsage(machines, player, hardlyMs, seconds);
    const often = await measureUsage(machines, player, oftenMs, seconds);
    const moreMs = ((often.cpuPct - hardly.cpuPct) / 100) * seconds * 1000;
    costs.push(moreMs / (often.collections - hardly.collections));
    quiet.push(hardly);
  }
  const collectionMs = median(costs);
  return {
    collectionMs,
    collectionsPct: (collectionMs / 10) * defaultPerSecond(machines),
    framesPct: median(quiet.map(({ observerPct }) => observerPct)),
    framesPerSecond: median(quiet.map(({ frames }) => frames / seconds)),
  };
}

/** Statistics every two seconds and head-up figures every second, of each machine's connection. */
function defaultPerSecond({ machineIds }: TwoMachines): number {
  return (1 / 2 + 1) * machineIds.length;
}

async function measureUsage(
  machines: TwoMachines,
  player: PlayerName,
  periodMs: number,
  seconds: number,
): Promise<Usage> {
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, machines, player, periodMs);
    const pids = await rendererPids(browser);
    await page.evaluate(() => window.takeStatsResult());
    const beforeUs = cpuUs(pids);
    await sleep(seconds * 1000);
    const usedUs = cpuUs(pids) - beforeUs;
    const result = await page.evaluate(() => window.takeStatsResult());
    for (const error of result.errors) process.stderr.write(`page: ${error}\n`);
    return {
      cpuPct: usedUs / seconds / 10_000,
      collections: result.getStatsCalls,
      observerPct: result.observerMs / seconds / 10,
      frames: result.frames,
    };
  } finally {
    await browser.close();
  }
}

async function openPage(
  browser: Browser,
  machines: TwoMachines,
  player: PlayerName,
  periodMs: number,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const values = {
    machines: machines.machineIds.join(','),
    streams: `${streamsOfEach}`,
    ...{ size: 'small', player, period: `${periodMs}` },
    ...{ operator: machines.operatorId, key: machines.operatorKey },
  };
  await page.goto(`${machines.server.url}/#${new URLSearchParams(values)}`);
  const tracks = machines.machineIds.length * streamsOfEach;
  await page.waitForFunction(
    ({ tracks, pictures }) => {
      const counts = window.pictureCounts?.() ?? [];
      return counts.length === tracks && counts.every((count) => count > pictures);
    },
    { tracks, pictures: warmUpPictures },
    { timeout: startTimeoutMs, polling: 500 },
  );
  await sleep(settleMs);
  return page;
}

async function rendererPids(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

function cpuUs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processCpuUs(pid), 0);
}
