import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalSystem } from '../../../scripts/local/local-system.ts';
import { launchWindow } from './browser-window.ts';
import type { PageResult } from './page/page-result.ts';
import { type PageClockOffset, readPageClock } from './page-clock.ts';
import type { StampReader } from './stamp-reader.ts';
import type { StampReading } from './stamp-reading.ts';
import type { VirtualScreen } from './virtual-screen.ts';

/** How the page plays: by the browser's receiver as we set it, by ours, or as a browser does when nobody sets anything. */
export type PlayerMode = 'lowLatency' | 'datagram' | 'default';

/** What one run needs. */
export type RunOptions = {
  system: LocalSystem;
  screen: VirtualScreen;
  reader: StampReader;
  player: PlayerMode;
  /** Whether the machine drives meanwhile. */
  drive: boolean;
  seconds: number;
};

/** Raw material of one run. */
export type Run = { reading: StampReading; page: PageResult; pageClock: PageClockOffset };

const operatorId = 'operator-1';
/** Pictures until the receiver's estimates have settled. */
const warmUpPictures = 60;
const startTimeoutMs = 30_000;

/** One run in a browser of its own, with a fresh profile. */
export async function measureRun(options: RunOptions): Promise<Run> {
  const context = await launchWindow(options.screen);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('console', (message) => {
      if (message.type() === 'error') process.stderr.write(`page: ${message.text()}\n`);
    });
    await page.goto(pageUrl(options));
    await page.waitForFunction((count) => window.pictureCount() > count, warmUpPictures, {
      timeout: startTimeoutMs,
      polling: 250,
    });
    await options.reader.take();
    await sleep(options.seconds * 1000);
    const reading = await options.reader.take();
    const result = await page.evaluate(() => window.takeResult());
    return { reading, page: result, pageClock: await readPageClock(page) };
  } finally {
    await context.close();
  }
}

function pageUrl({ system, player, drive }: RunOptions): string {
  const values = {
    machine: system.machineId,
    operator: operatorId,
    key: system.operatorKeys.get(operatorId) ?? '',
    player,
    drive: drive ? 'yes' : 'no',
  };
  return `${system.server.url}/#${new URLSearchParams(values)}`;
}
