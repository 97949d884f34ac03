import type { PlayerKind } from '@longreach/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { eventually } from '../support/eventually.ts';
import { SdkPage } from '../support/sdk-page.ts';
import { clockShiftFromNow, withShiftedMachine } from '../support/shifted-clock.ts';

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let page: SdkPage;

beforeAll(async () => {
  built = await buildSdkPage();
  // A machine whose clock has nothing to do with the server's.
  const shift = clockShiftFromNow(-10_000_000, -100);
  system = await withShiftedMachine(shift, () => startLocalSystem({ cockpitDir: built.dir }));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
  await built?.remove();
});
afterEach(() => page?.close());

test.each<PlayerKind>(['rtp', 'datagram'])(
  'a viewer with the %s player is told how long pictures take to the media worker and from there',
  async (kind) => {
    page = await SdkPage.open(browser, system, { player: { kind } });
    await page.connect([0, 1]);
    for (const streamId of [0, 1]) {
      const stats = await eventually(`the parts of the latency of stream ${streamId}`, async () =>
        (await page.stats()).find((one) => one.streamId === streamId && one.latency2 !== undefined),
      );
      const { latency = 0, latency1 = 0, latency2 = 0 } = stats;
      // A clock that was taken for another one, or a unit for another, is off by far more.
      expect(latency).toBeGreaterThan(0);
      expect(latency).toBeLessThan(2_000);
      expect(latency1).toBeGreaterThan(-20);
      expect(latency1).toBeLessThan(2_000);
      expect(latency1 + latency2).toBeCloseTo(latency, 6);
    }
    const figures = await eventually('figures of the same', async () =>
      (await page.told()).figures.find(({ latency2Ms }) => latency2Ms !== undefined),
    );
    const { latencyUncertaintyMs = 0, latency1UncertaintyMs, latency2UncertaintyMs } = figures;
    expect(latency1UncertaintyMs).toBeGreaterThan(0);
    expect(latency2UncertaintyMs).toBeGreaterThan(0);
    expect(latencyUncertaintyMs).toBeLessThan(100);
  },
);
