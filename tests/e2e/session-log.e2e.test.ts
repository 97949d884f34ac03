import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CockpitPage } from '../support/cockpit-page.ts';
import { eventually } from '../support/eventually.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

/** Names of members that carry secrets, wherever they stand in a message. */
const secretMembers = new Set(['secret', 'token', 'resumeToken', 'code', 'password']);

let bed: TestBed;
let log = '';
const secrets = new Set<string>();

beforeAll(async () => {
  bed = await startTestBed({
    server: { logLevel: 'debug' },
    adjustMachine: (config) => {
      config.log_enable = 2;
      keep(config.password);
    },
    onLog: (text) => {
      log += text;
    },
  });
  for (const key of bed.system.operatorKeys.values()) keep(key);
});
afterAll(() => bed?.close());

function keep(value: unknown): void {
  if (typeof value === 'string' && value.length >= 8) secrets.add(value);
}

/** Keeps every secret inside a message. */
function keepAll(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (secretMembers.has(name)) keep(member);
    if (name === 'sdp')
      for (const [, word] of String(member).matchAll(/ice-pwd:(\S+)/g)) keep(word);
    keepAll(member);
  }
}

/** Keeps what this page and its server tell each other in confidence. */
function eavesdrop(page: Page): void {
  page.on('websocket', (socket) => {
    const listen = ({ payload }: { payload: string | Buffer }) =>
      keepAll(JSON.parse(String(payload)));
    socket.on('framesent', listen);
    socket.on('framereceived', listen);
  });
  page.on('response', async (response) => {
    if (response.url().endsWith('/api/login')) keepAll(await response.json().catch(() => {}));
  });
}

test('the logs of a whole session, faults included, hold no token, key or login code', async () => {
  const url = await bed.system.loginUrl();
  keep(new URL(url).hash.replace('#code=', ''));
  const unused = new URL(await bed.system.loginUrl('operator-2')).hash.replace('#code=', '');
  keep(unused);
  const page = await bed.browser.newPage();
  eavesdrop(page);
  const cockpit = await CockpitPage.openIn(page, url);
  await cockpit.openMachine(bed.system.machineId);
  await cockpit.drive('forward', bed.vehicle);
  await refusedLogins();

  const still = bed.vehicle.untilStandstill();
  process.kill(bed.system.agent.pids().transport as number, 'SIGKILL');
  await still;
  await cockpit.untilFresh();
  await bed.system.server.kill();
  await bed.system.server.restart();
  await cockpit.drive('backward', bed.vehicle);
  await cockpit.letGo();
  await cockpit.releaseControl();
  await cockpit.at('leave').click();
  await cockpit.at('logout').click();
  await cockpit.at('login-submit').waitFor();

  // The test itself must have seen something: both sides' logs, and secrets of every kind.
  await eventually('both logs', () => log.includes('"operator-1"') && log.includes('agent ready'));
  expect(secrets.size).toBeGreaterThan(12);
  expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
  expect(log.match(/eyJ[\w-]+\.[\w-]+/g)).toBeNull();
  expect(log.match(/ice-pwd|"signingSecret"|"password"|"[xy]M"|headingRad/g)).toBeNull();
});

/** A wrong key and a wrong code must not be written down either: they may be right elsewhere. */
async function refusedLogins(): Promise<void> {
  const api = `${bed.system.server.url}/api/login`;
  const [key, code] = ['a-key-that-is-wrong', 'a-code-that-is-wrong'];
  keep(key);
  keep(code);
  const body = JSON.stringify({ code });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(api, { method: 'POST', headers, body })).ok).toBe(false);
  const page = await bed.browser.newPage();
  await page.goto(bed.system.server.url);
  await page.getByTestId('login-device-id').fill('operator-2');
  await page.getByTestId('login-key').fill(key);
  await page.getByTestId('login-submit').click();
  const failure = page.getByTestId('login-failure');
  await eventually('a refusal', async () => (await failure.textContent()) !== '');
  await page.close();
}
