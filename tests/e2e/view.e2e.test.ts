import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCockpit } from '../../apps/cockpit/build.ts';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { processCpuUs } from '../bench/process-cpu.ts';
import { launchChromium } from '../support/browser.ts';
import { CockpitPage } from '../support/cockpit-page.ts';
import { countPeers } from '../support/page-taps.ts';

const patient = { timeout: 20_000, interval: 50 };
let system: LocalSystem;
let browser: Browser;
let cockpit: CockpitPage;

beforeAll(async () => {
  const cockpitDir = await buildCockpit();
  [system, browser] = await Promise.all([
    startLocalSystem({ cockpitDir, stamp: true }),
    launchChromium(),
  ]);
  cockpit = await CockpitPage.open(browser, await system.loginUrl());
  await cockpit.openMachine(system.machineId);
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
});

/** Streams whose stamp is newer than in `before`, by their own frame counter. */
async function advancedSince(before: Map<number, { frame: number } | undefined>) {
  const now = await cockpit.stamps();
  return [...now]
    .filter(([id, stamp]) => (stamp?.frame ?? 0) > (before.get(id)?.frame ?? Infinity))
    .map(([id]) => id)
    .toSorted();
}

async function wholeStamps() {
  await expect
    .poll(async () => [...(await cockpit.stamps()).values()].filter(Boolean).length, patient)
    .toBe(4);
  return cockpit.stamps();
}

/** Share of one core that the encoders' process uses over the next `ms`. */
async function encoderShare(ms: number): Promise<number> {
  const pid = system.agent.pids().media as number;
  const [cpu, start] = [processCpuUs(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (processCpuUs(pid) - cpu) / 1000 / (performance.now() - start);
}

test('four cameras decode: the stamp in the pixels of each can be read, and its counter goes up', async () => {
  const before = await wholeStamps();
  expect([...before.keys()].toSorted()).toEqual([0, 1, 2, 3]);
  await expect.poll(() => advancedSince(before), patient).toEqual([0, 1, 2, 3]);
});

test('a click on a small picture makes it the main one, without a new connection', async () => {
  const peers = await countPeers(cockpit.page);
  const streamOf = (testId: string) => cockpit.at(testId).getAttribute('data-stream-id');
  expect(await streamOf('main-video')).toBe('0');
  expect(await streamOf('thumb-1')).toBe('2');
  await cockpit.at('thumb-1').click();
  await expect.poll(() => streamOf('main-video'), patient).toBe('2');
  expect(await streamOf('thumb-1')).toBe('0');
  const before = await wholeStamps();
  await expect.poll(() => advancedSince(before), patient).toEqual([0, 1, 2, 3]);
  const widthOf = (testId: string) =>
    cockpit.at(testId).evaluate((video) => (video as HTMLVideoElement).videoWidth);
  // The pictures themselves changed places: the front camera is the one large one.
  await expect.poll(() => widthOf('thumb-1'), patient).toBe(1280);
  await expect.poll(() => widthOf('main-video'), patient).toBe(640);
  expect(await countPeers(cockpit.page)).toBe(peers);
});

describe('while nobody watches', () => {
  test('streams cost nothing; they come back for the next viewer', async () => {
    const watched = await encoderShare(1000);
    await cockpit.at('leave').click();
    await cockpit.at(`machine-${system.machineId}`).waitFor();
    await expect.poll(() => encoderShare(500), patient).toBeLessThan(watched / 10);
    await cockpit.openMachine(system.machineId);
    const before = await wholeStamps();
    await expect.poll(() => advancedSince(before), patient).toEqual([0, 1, 2, 3]);
    await expect.poll(() => encoderShare(500), patient).toBeGreaterThan(watched / 3);
  });

  test('the last viewer may also just vanish', async () => {
    const watched = await encoderShare(1000);
    await cockpit.close();
    await expect.poll(() => encoderShare(500), patient).toBeLessThan(watched / 10);
    cockpit = await CockpitPage.open(browser, await system.loginUrl());
    await cockpit.openMachine(system.machineId);
    expect((await wholeStamps()).size).toBe(4);
  });
});
