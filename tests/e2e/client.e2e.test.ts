import { RefusalCode } from '@longreach/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { ClientPage } from '../support/client-page.ts';
import { eventually } from '../support/eventually.ts';
import { GuardLink } from '../support/guard-link.ts';
import { VehicleObserver } from '../support/vehicle-observer.ts';

const deviceId = 'rover-1';
const ownId = 'operator-1';
/** Full power forward, no steering. */
const forward = [0, 1, 0];

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let vehicle: VehicleObserver;
let guard: GuardLink;
let page: ClientPage;

beforeAll(async () => {
  built = await buildSdkPage('client-page');
  system = await startLocalSystem({ cockpitDir: built.dir });
  browser = await launchChromium();
  vehicle = await VehicleObserver.connect(system.agent.runtimeDir);
  guard = await GuardLink.connect(system.agent.runtimeDir, 'observer');
});
afterAll(async () => {
  guard?.close();
  vehicle?.close();
  await browser?.close();
  await system?.close();
  await built?.remove();
});
beforeEach(async () => {
  const options = { player: { kind: 'rtp' as const }, statsPeriodMs: 500 };
  page = await ClientPage.open(browser, system.server.url, options);
  const secret = system.operatorKeys.get(ownId);
  await page.call('login', { deviceId: ownId, secret, forceLogin: 1 });
});
afterEach(() => page?.close());

/** Connects and waits for a fresh picture of the front camera in element 0, another in element 1. */
async function watch(): Promise<void> {
  await page.call('connect', deviceId, { streams: [0, 1] });
  await page.attach(deviceId, 0, 0);
  await page.attach(deviceId, 1, 1);
  await page.untilEvent('pictureStateChanged', (event) => {
    return event.streamId === 0 && event.state === 'fresh' && event.ageMs < 500;
  });
}

function drive(axes?: number[]): Promise<void> {
  return page.page.evaluate(([id, axes]) => window.clientPage.startDriving(id, axes), [
    deviceId,
    axes,
  ] as const);
}

test('connect, attach and swap show the cameras; disconnect ends it', async () => {
  await watch();
  const widths = () => page.page.evaluate(() => window.clientPage.widths());
  await eventually('both pictures', async () => (await widths()).join() === '1280,640');
  await page.page.evaluate(() => window.clientPage.swap(0, 1));
  await eventually('the pictures changed', async () => (await widths()).join() === '640,1280');
  expect(await page.events('connected')).toEqual([{ deviceId }]);
  expect(await page.events('playerChanged')).toMatchObject([{ deviceId, kind: 'rtp' }]);
  await page.call('disconnect', deviceId);
  const disconnected = [{ deviceId, reason: 'disconnected by the application' }];
  expect(await page.events('disconnected')).toEqual(disconnected);
  await page.call('connect', deviceId);
  await page.call('disconnectAll');
  expect(await page.events('disconnected')).toEqual([...disconnected, ...disconnected]);
});

test('the master drives, stops in an emergency and arms again; everybody can read the state', async () => {
  await watch();
  await page.call('requestPermission', deviceId);
  await eventually('the machine in motion', async () => {
    await page.call('rearm', deviceId).catch(() => {});
    await drive(forward);
    return vehicle.untilDriving(1_500).then(() => true);
  });
  expect(await page.call('leaseOf', deviceId)).toMatchObject({ masterId: ownId });
  await eventually('its word of it', async () => {
    const state = await page.call('stateOf', deviceId);
    return (state as { speedMps: number }).speedMps > 0.3;
  });
  const still = vehicle.untilStandstill();
  await page.call('emergencyStop', deviceId);
  await still;
  await page.untilEvent('stateReported', ({ report }) => report.guardMode === 'emergency');
  await drive();
  await eventually('another mode', async () => {
    await page.call('rearm', deviceId);
    return (await page.events('stateReported')).at(-1)?.report.guardMode !== 'emergency';
  });
});

test('a guest’s commands do not leave, and it is told why', async () => {
  await watch();
  await drive(forward);
  const told = await page.untilEvent('commandRefused', () => true);
  expect(told).toEqual({ deviceId, code: RefusalCode.NotMaster, by: 'client' });
});

test('control data reaches the machine as it was sent, from its master only', async () => {
  await watch();
  const sendControlData = (bytes: number[], qos: 0 | 1) =>
    page.page.evaluate(([id, bytes, qos]) => window.clientPage.sendControlData(id, bytes, qos), [
      deviceId,
      bytes,
      qos,
    ] as const);
  await expect(sendControlData([1], 1)).rejects.toThrow('not master');
  await page.call('requestPermission', deviceId);
  for (const [qos, bytes] of [
    [1, [1, 2, 255]],
    [0, [7, 0, 9]],
  ] as const) {
    await eventually(`bytes with qos ${qos}`, async () => {
      await sendControlData([...bytes], qos);
      return guard.released.some(
        ({ mode, payload }) => mode === 'opaque' && Buffer.from(bytes).equals(payload),
      );
    });
  }
});

test('muteField silences the machine’s sound and lets it be heard again', async () => {
  await watch();
  const muted = () => page.page.evaluate(() => window.clientPage.mutedSounds());
  expect(await muted()).toEqual([false]);
  await page.call('muteField', deviceId, true);
  expect(await muted()).toEqual([true]);
  await page.call('muteField', deviceId, false);
  expect(await muted()).toEqual([false]);
});

test('setEncodeParameters of the master changes the frame rate', async () => {
  await watch();
  const rate = async () => (await page.events('figuresUpdated')).filter((f) => f.streamId === 0);
  const lastFps = async () => (await rate()).at(-1)?.fps ?? 0;
  await eventually('the usual rate', async () => (await lastFps()) > 18);
  await page.call('requestPermission', deviceId);
  await page.call('setEncodeParameters', deviceId, 0, { fps: 10 });
  await eventually('ten frames a second', async () => {
    const fps = await lastFps();
    return fps >= 7 && fps <= 13;
  });
  await page.call('setEncodeParameters', deviceId, 0, { fps: 30 });
});

test('a machine that falls silent is suspect, then online again', async () => {
  await watch();
  const pid = system.agent.pids().transport as number;
  process.kill(pid, 'SIGSTOP');
  try {
    await page.untilEvent('machinePresenceChanged', ({ state }) => state === 'suspect');
    await page.untilEvent('pictureStateChanged', ({ state }) => state === 'stale');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await eventually('the machine back', async () => {
    return (await page.events('machinePresenceChanged')).at(-1)?.state === 'online';
  });
});
