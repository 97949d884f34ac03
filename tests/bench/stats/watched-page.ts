import type { BrowserContext, Page } from 'playwright-core';
import type { LocalSystem } from '../../../scripts/local/local-system.ts';
import { launchWindow } from '../latency/browser-window.ts';
import { type PageClockOffset, readPageClock } from '../latency/page-clock.ts';
import type { VirtualScreen } from '../latency/virtual-screen.ts';
import type { PageResult } from './page/page-result.ts';
import './page/page-result.ts';

/** By whose receiver. */
export type PlayerName = 'datagram' | 'rtp';

/** A window over the whole screen that shows the machine's front camera and keeps what the SDK tells of it. */
export type WatchedPage = {
  /** What was heard since the last call. */
  take(): Promise<PageResult>;
  /** The page's clock against this computer's. */
  readClock(): Promise<PageClockOffset>;
  close(): Promise<void>;
};

const operatorId = 'operator-1';
/** Pictures until the receiver's estimates have settled. */
const warmUpPictures = 90;
const startTimeoutMs = 30_000;

/** Opens it in a browser of its own; resolves when pictures have come for a while. */
export async function openWatchedPage(
  system: LocalSystem,
  screen: VirtualScreen,
  player: PlayerName,
): Promise<WatchedPage> {
  const context = await launchWindow(screen);
  try {
    const page = await openPage(context, system, player);
    await page.waitForFunction(
      (count) => window.pictureCounts().every((one) => one > count),
      warmUpPictures,
      { timeout: startTimeoutMs, polling: 250 },
    );
    return {
      take: () => page.evaluate(() => window.takeStatsResult()),
      readClock: () => readPageClock(page),
      close: () => context.close(),
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function openPage(
  context: BrowserContext,
  system: LocalSystem,
  player: PlayerName,
): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => {
    if (message.type() === 'error') process.stderr.write(`page: ${message.text()}\n`);
  });
  const values = {
    ...{ machines: system.machineId, streams: '1', size: 'whole', player },
    operator: operatorId,
    key: system.operatorKeys.get(operatorId) ?? '',
  };
  await page.goto(`${system.server.url}/#${new URLSearchParams(values)}`);
  await page.waitForFunction(() => window.pictureCounts !== undefined);
  return page;
}
