import { AutoplayCode, NetworkErrorCode } from '@longreach/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { eventually } from '../support/eventually.ts';
import '../support/mqtt-page/mqtt-page-api.ts';
import { countPeers, installTaps } from '../support/page-taps.ts';
import { createTcpPath, type TcpPath } from '../support/tcp-path.ts';
import { VehicleObserver } from '../support/vehicle-observer.ts';

const machineId = 'default/rover-1';
const operatorId = 'default/operator-1';
/** Axes of a drive command: steering, drive, brake. */
const forward = [0, 0.6, 0];
const backward = [0, -0.6, 0];

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let vehicle: VehicleObserver;
/** Between page and server, and between machine and server. */
let pagePath: TcpPath;
let machinePath: TcpPath;
let page: Page;
let axes = forward;
let log = '';

beforeAll(async () => {
  built = await buildSdkPage('mqtt-page');
  pagePath = await createTcpPath(() => system.server.port);
  let serverPort = 0;
  machinePath = await createTcpPath(() => serverPort);
  system = await startLocalSystem({
    cockpitDir: built.dir,
    onLog: (text) => {
      log += text;
    },
    adjustMachine: (config) => {
      serverPort = Number(new URL(String(config.server_url)).port);
      config.cloud_mode = 'public';
      config.link = { kind: 'mqtt', url: `ws://127.0.0.1:${machinePath.port}/mqtt` };
    },
  });
  vehicle = await VehicleObserver.connect(system.agent.runtimeDir);
  browser = await launchChromium();
});
afterAll(async () => {
  vehicle?.close();
  await browser?.close();
  await pagePath?.close();
  await machinePath?.close();
  await system?.close();
  await built?.remove();
});
beforeEach(async () => {
  // There and back again: the machine shall not leave the straight.
  axes = axes === forward ? backward : forward;
  page = await browser.newPage();
  await installTaps(page);
  await page.goto(`http://127.0.0.1:${pagePath.port}/`);
  await page.waitForFunction(() => window.mqttPage !== undefined);
});
afterEach(() => page?.context().close());

function login(secret = system.operatorKeys.get('operator-1') as string) {
  const operator = { id: 'operator-1', secret };
  return page.evaluate((given) => window.mqttPage.login(given), operator);
}

const told = () => page.evaluate(() => window.mqttPage.told);
const mqttStates = async () => (await told()).mqtt.map(({ state }) => state);
const frames = () => page.evaluate(() => window.mqttPage.frames());

async function untilMoving(): Promise<void> {
  const before = await frames();
  await eventually('more pictures', async () => (await frames()) > before + 5);
}

/** Logs in, connects and sees pictures. */
async function view(): Promise<void> {
  expect(await login()).toBeUndefined();
  const connect = (id: string) => page.evaluate((given) => window.mqttPage.connect(given), id);
  expect(await connect(machineId)).toBeUndefined();
  await untilMoving();
}

/** Takes control and drives until the machine moves. */
async function drive(): Promise<void> {
  const asked = await page.evaluate(() => window.mqttPage.ask('master'));
  expect(asked).toMatchObject({ permission: 'master', masterId: operatorId });
  await page.evaluate((given) => window.mqttPage.drive(given), axes);
  await eventually('motion', async () => {
    await page.evaluate(() => window.mqttPage.rearm());
    await vehicle.untilDriving(2_000);
    return true;
  });
}

async function letGo(): Promise<void> {
  await page.evaluate(() => window.mqttPage.drive(undefined));
  await vehicle.untilStandstill();
  await page.evaluate(() => window.mqttPage.ask('guest'));
}

/** Where the page's WebSockets went. */
function socketPaths(): Promise<string[]> {
  return page.evaluate(() => [
    ...new Set(window.longreachTaps.sockets.map(({ url }) => new URL(url).pathname)),
  ]);
}

test('a machine and a browser, both on MQTT: view, take control, drive', async () => {
  await view();
  const gateways = await page.evaluate(() => window.mqttPage.gateways());
  expect(gateways).toMatchObject([{ deviceId: machineId, status: 'connected', streamCount: 4 }]);
  await drive();
  await letGo();
  expect(await mqttStates()).toEqual(['new', 'connecting', 'connected']);
  expect(await socketPaths()).toEqual(['/mqtt']);
  expect((await told()).autoplay).toContainEqual(
    expect.objectContaining({ code: AutoplayCode.Success, fieldDeviceId: machineId }),
  );
  await page.evaluate(() => window.mqttPage.logout());
  expect((await mqttStates()).at(-1)).toBe('closed');
});

test.each([
  ['breaks', () => pagePath.drop()],
  ['falls silent', () => pagePath.cut()],
])(
  'the browser’s connection to the broker %s: driving goes on, and signaling comes back',
  async (_how, strike) => {
    await view();
    await drive();
    const peers = await countPeers(page);
    strike();
    await eventually('the loss', async () => (await mqttStates()).includes('reconnecting'));
    expect(vehicle.state.mode).toBe('drive');
    pagePath.restore();
    await eventually('the way back', async () => (await mqttStates()).at(-1) === 'connected');
    await untilMoving();
    expect(vehicle.state.mode).toBe('drive');
    await letGo();
    expect((await told()).session).toEqual(['connected']);
    expect(await countPeers(page)).toBe(peers);
    expect((await told()).errors).toEqual([]);
  },
);

test.each([
  ['breaks', () => machinePath.drop()],
  ['falls silent', () => machinePath.cut()],
])('the machine’s connection to the broker %s: its session goes on', async (_how, strike) => {
  await view();
  await drive();
  const peers = await countPeers(page);
  log = '';
  strike();
  await eventually('the loss', () => log.includes('signaling lost'));
  machinePath.restore();
  await eventually('the way back', () => /signaling ready.*"resumed":true/.test(log));
  await letGo();
  await drive();
  await letGo();
  expect((await told()).session).toEqual(['connected']);
  expect(await countPeers(page)).toBe(peers);
});

test('a wrong secret is refused by the broker, and the right one let in after it', async () => {
  expect(await login('wrong')).toBe(NetworkErrorCode.InvalidUserSignature);
  expect(await mqttStates()).toEqual(['new', 'connecting', 'error', 'closed']);
  await view();
  expect((await mqttStates()).slice(-2)).toEqual(['connecting', 'connected']);
});

test('without a login, a picture that is asked for cannot play: there is no MQTT client', async () => {
  const code = await page.evaluate((id) => window.mqttPage.connect(id), machineId);
  expect(code).toBe(NetworkErrorCode.UnknownError);
  const { autoplay } = await told();
  expect(autoplay[0]).toMatchObject({
    code: AutoplayCode.MqttClientNotFound,
    streamId: 0,
    fieldDeviceId: machineId,
  });
});
