import { type GatewayStats, gatewayStatsSchema } from '@longreach/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { eventually } from '../support/eventually.ts';
import { SdkPage } from '../support/sdk-page.ts';

const frontFps = 30;

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let page: SdkPage;

beforeAll(async () => {
  built = await buildSdkPage();
  system = await startLocalSystem({ stamp: true, frontFps, cockpitDir: built.dir });
  browser = await launchChromium();
  page = await SdkPage.open(browser, system, { player: { kind: 'auto' } });
  await page.connect([0, 1]);
  await page.untilMoving(0);
});
afterAll(async () => {
  await page?.close();
  await browser?.close();
  await system?.close();
  await built?.remove();
});

/** Reports that came so far, by the schema, with the time between each and the one before, ms. */
async function reports(): Promise<Array<{ gapMs: number; stats: GatewayStats }>> {
  const { gateway } = await page.told();
  return gateway.map(({ atMs, stats }, i) => ({
    gapMs: atMs - (gateway[i - 1]?.atMs ?? Number.NaN),
    stats: gatewayStatsSchema.parse(stats),
  }));
}

/** So many reports in which the front camera was watched for the whole period, its rate found out. */
async function settledReports(
  count: number,
): Promise<Array<{ gapMs: number; stats: GatewayStats }>> {
  return eventually(`${count} reports`, async () => {
    const all = await reports();
    const settled = all.filter(({ stats }) => {
      const [front] = stats.streams;
      return front?.capture?.targetFps === frontFps && front.encodings[0]?.send.fps !== 0;
    });
    return settled.length > count && settled.slice(1);
  });
}

test('the page is told by its machine, every two seconds, what its streams do and cost', async () => {
  const told = await settledReports(3);
  for (const { gapMs } of told) expect(Math.abs(gapMs - 2000)).toBeLessThan(500);
  const machines = (await page.told()).gateway.map(({ fieldDeviceId }) => fieldDeviceId);
  expect(new Set(machines)).toEqual(new Set([system.machineId]));
  for (const { stats } of told) {
    const [front, left, right] = stats.streams;
    expect(front).toMatchObject({ streamId: 0, inputState: 'running', configuredFps: frontFps });
    // A busy computer misses some, and says so: none is lost without being counted.
    const { fps = 0, missedPictures = 0 } = front?.capture ?? {};
    const dueFps = fps + (missedPictures * 1000) / stats.periodMs;
    expect(Math.abs(dueFps - frontFps)).toBeLessThanOrEqual(2);
    expect(fps).toBeGreaterThan(frontFps / 2);
    expect(front?.capture?.longestGapMs).toBeGreaterThan(1000 / frontFps);
    const [main] = front?.encodings ?? [];
    expect(main).toMatchObject({ encoding: 'main', encode: { encoder: 'libx264', width: 1280 } });
    expect(main?.encode?.meanMs).toBeGreaterThan(0);
    expect(main?.targetBitrateBps).toBeGreaterThan(0);
    expect(main?.encode?.bitrateBps).toBeGreaterThan(0);
    expect(main?.send.bitrateBps).toBeGreaterThan(main?.encode?.bitrateBps ?? 0);
    expect(main?.send.meanMs).toBeGreaterThan(0);
    expect(left?.encodings).toHaveLength(1);
    // Nobody watches it: it costs nothing.
    expect(right).toMatchObject({ streamId: 2, encodings: [] });
    expect(right?.capture).toBeUndefined();
  }
});

test('and what its network and its computer do', async () => {
  for (const { stats } of await settledReports(2)) {
    const [path] = stats.paths;
    expect(path).toMatchObject({ state: 'connected', type: 'host', transport: 'udp', outageMs: 0 });
    expect(path?.roundTripMs).toBeGreaterThan(0);
    expect(path?.estimateBps).toBeGreaterThan(0);
    expect(path?.sentBytes.media).toBeGreaterThan(0);
    const { machine } = stats;
    const names = machine?.processes.map(({ name }) => name);
    expect(names).toEqual(['guard', 'vehicle', 'media', 'transport', 'agent']);
    for (const { name, cpuCores, rssBytes } of machine?.processes ?? []) {
      if (name === 'media' || name === 'transport') expect(cpuCores).toBeGreaterThan(0);
      expect(rssBytes).toBeGreaterThan(1_000_000);
    }
    expect(machine?.cpuShare).toBeGreaterThan(0);
    expect(machine?.memoryTotalBytes).toBeGreaterThan(machine?.memoryAvailableBytes ?? 0);
  }
});

test('an address is in no report', async () => {
  expect(JSON.stringify(await reports())).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
});
