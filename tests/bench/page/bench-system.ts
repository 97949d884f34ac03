import type { Browser, Page } from 'playwright-core';
import {
  type LocalSystem,
  type LocalSystemOptions,
  startLocalSystem,
} from '../../../scripts/local/local-system.ts';
import { launchChromium } from '../../support/browser.ts';
import { buildPage } from './build-page.ts';
import './bench-page.ts';

/** The one operator of a benchmark. */
export const operatorId = 'operator-1';

/** Server, machine and a browser, with the benchmarks' page. */
export type BenchSystem = LocalSystem & {
  browser: Browser;
  /** The operator's key. */
  readonly secret: string;
  /** Opens the page anew; the SDK is there and not logged in. */
  openPage(): Promise<Page>;
};

/** Starts all of it; rejects leaving nothing behind. */
export async function startBenchSystem(options: LocalSystemOptions = {}): Promise<BenchSystem> {
  const ends: Array<() => Promise<void>> = [];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const page = await buildPage();
    ends.push(page.remove);
    const system = await startLocalSystem({ ...options, cockpitDir: page.dir });
    ends.push(() => system.close());
    const browser = await launchChromium();
    ends.push(() => browser.close());
    return {
      ...system,
      browser,
      secret: system.operatorKeys.get(operatorId) as string,
      openPage: () => openPage(browser, system.server.url),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => window.benchPage !== undefined);
  return page;
}
