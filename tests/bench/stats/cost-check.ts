import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../support/browser.ts';
import { processCpuUs } from '../process-cpu.ts';
import { median } from '../report.ts';
import { streamsOfEach, type TwoMachines } from './two-machines.ts';
import type { PlayerName } from './watched-page.ts';
import './page/held-statistics.ts';
import './page/page-result.ts';

/** What statistics of 16 tracks cost the browser. */
export type StatsCost = {
  /** One getStats with all that is made of it, of one connection with eight streams, CPU ms. */
  collectionMs: number;
  /** All of them at the default periods, % of a core. */
  collectionsPct: number;
  /** Looking at one presented frame, ms, and at 30 a second of all 16 tracks, % of a core. */
  frameMs: number;
  framesPct: number;
};

/** What one window of time used. */
type Usage = { cpuMs: number; collections: number; observerMs: number; frames: number };

/** So often that their cost stands out of what decoding uses; sooner than 50 ms Chromium gives the same again, ms. */
const oftenMs = 60;
/** Windows with and without statistics follow each other, so that what else happens hits both alike, ms. */
const windowMs = 4000;
const settleMs = 4000;
const startTimeoutMs = 60_000;
const warmUpPictures = 30;
const usualFps = 30;

/**
 * Measures by difference: the CPU time of the page's process (all its threads: getStats works on several) while
 * statistics are collected sixteen times a second, less that of windows without, divided by the collections more.
 * Decoding, which costs far more, is in both.
 */
export async function measureStatsCost(
  machines: TwoMachines,
  player: PlayerName,
  rounds: number,
): Promise<StatsCost> {
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, machines, player);
    const pids = await rendererPids(browser);
    const costs: number[] = [];
    const frames: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const without = await measureUsage(page, pids, undefined);
      const often = await measureUsage(page, pids, oftenMs);
      costs.push((often.cpuMs - without.cpuMs) / (often.collections - without.collections));
      frames.push(without.observerMs / without.frames);
    }
    const [collectionMs, frameMs] = [median(costs), median(frames)];
    const framesPerSecond = usualFps * streamsOfEach * machines.machineIds.length;
    return {
      collectionMs,
      collectionsPct: (collectionMs / 10) * defaultPerSecond(machines),
      frameMs,
      framesPct: (frameMs / 10) * framesPerSecond,
    };
  } finally {
    await browser.close();
  }
}

/** Statistics every two seconds and head-up figures every second, of each machine's connection. */
function defaultPerSecond({ machineIds }: TwoMachines): number {
  return (1 / 2 + 1) * machineIds.length;
}

async function measureUsage(
  page: Page,
  pids: readonly number[],
  waitMs: number | undefined,
): Promise<Usage> {
  await page.evaluate((ms) => window.setStatisticsWait(ms), waitMs);
  await page.evaluate(() => window.takeStatsResult());
  const beforeUs = cpuUs(pids);
  await sleep(windowMs);
  const cpuMs = (cpuUs(pids) - beforeUs) / 1000;
  const result = await page.evaluate(() => window.takeStatsResult());
  for (const error of result.errors) process.stderr.write(`page: ${error}\n`);
  const { observerMs, frames, getStatsCalls } = result;
  return { cpuMs, collections: getStatsCalls, observerMs, frames };
}

async function openPage(
  browser: Browser,
  machines: TwoMachines,
  player: PlayerName,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const values = {
    machines: machines.machineIds.join(','),
    streams: `${streamsOfEach}`,
    ...{ size: 'small', player, held: 'yes' },
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
