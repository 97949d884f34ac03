import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { eventually } from '../support/eventually.ts';
import { SdkPage } from '../support/sdk-page.ts';

/** Three samples, and the last one when it is asked for. */
const span = { lookBackMs: 8_000, durationMs: 500 };

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let page: SdkPage;

beforeAll(async () => {
  built = await buildSdkPage();
  system = await startLocalSystem({ stamp: true, cockpitDir: built.dir });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
  await built?.remove();
});
afterEach(() => page?.close());

async function open(): Promise<void> {
  page = await SdkPage.open(browser, system, { player: { kind: 'auto' } });
  await page.connect([0, 1]);
  await page.untilMoving(0);
}

/** A diagnosis whose streams have so many samples with words of both other sides. */
async function diagnoseWith(samples: number) {
  return eventually('samples of machine, server and browser', async () => {
    const diagnosis = await page.diagnose(span);
    const whole = diagnosis.streams[0]?.samples.filter(
      ({ machine, server, browser }) => machine?.encoder && server?.stream && browser?.stats,
    );
    return (whole?.length ?? 0) >= samples && diagnosis;
  });
}

test('a report has what each side of a moving picture says, in the units of the contract', async () => {
  await open();
  const report = await diagnoseWith(3);
  expect(report).toMatchObject({
    ...{ diag_error: 'ok', device_id: system.machineId, remote_mqtt_connect: 'not used' },
  });
  expect(report.result.map(({ stream_id }) => stream_id)).toEqual([0, 1]);
  const { field, remote } = report.result[0] ?? {};
  expect(field).toMatchObject({ signal_connect: 'ok', media_connect: 'ok' });
  expect(remote).toMatchObject({ signal_connect: 'ok', media_connect: 'ok' });
  expect(remote?.remote_mode).toMatch(/^server, (datagram|rtp) player$/);
  const within = (figures: readonly number[] | undefined, least: number, most: number) => {
    expect(figures?.length).toBeGreaterThanOrEqual(3);
    // In the first period the stream was only beginning.
    for (const figure of figures?.slice(1) ?? []) {
      expect(figure).toBeGreaterThanOrEqual(least);
      expect(figure).toBeLessThanOrEqual(most);
    }
  };
  within(field?.fps, 1, 40);
  within(field?.bps, 10, 10_000);
  within(field?.lost, 0, 100);
  within(remote?.fps, 1, 40);
  within(remote?.bps, 10, 10_000);
  within(remote?.latency, 1, 2_000);
  expect(remote?.webrtc_stats.length).toBeGreaterThanOrEqual(3);
});

test('a machine whose pictures stop is blamed, and not what comes after it', async () => {
  await open();
  await page.drive();
  await diagnoseWith(2);
  const media = system.agent.pids().media as number;
  process.kill(media, 'SIGSTOP');
  try {
    const { verdict, result } = await eventually('the machine to be blamed', async () => {
      const diagnosis = await page.diagnose({ lookBackMs: 5_000, durationMs: 500 });
      // Until two reports of the machine show it, only its consequences are seen.
      const stages = diagnosis.verdict.findings.map(({ stage }) => stage);
      const isFirst = stages[0] === 'camera' || stages[0] === 'encoder';
      return isFirst && !stages.includes('downlink') && diagnosis;
    });
    expect(verdict.findings[0]?.streamIds).toContain(0);
    expect(verdict.findings[0]?.evidence.length).toBeGreaterThan(0);
    const { field } = result[0] ?? {};
    expect([field?.video_capture, field?.video_encode]).not.toEqual(['ok', 'ok']);
  } finally {
    process.kill(media, 'SIGCONT');
  }
  await page.untilMoving(0);
});

test('times out of range are refused', async () => {
  await open();
  await expect(page.diagnose({ durationMs: 61_000 })).rejects.toThrow('durationMs');
});
