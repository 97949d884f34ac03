import { readFile } from 'node:fs/promises';
import type { JSHandle, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FakeClient } from './testing/fake-client.ts';
import { type Harness, openHarness } from './testing/harness-page.ts';

// A busy machine of two cores takes its time; nothing here waits for a clock.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 30_000 });

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness?.close());

const soon: typeof expect.poll = (read, options) =>
  expect.poll(read, { timeout: 10_000, ...options });

async function fakeOf(page: Page): Promise<JSHandle<FakeClient>> {
  const handle = await page.evaluateHandle(
    () => document.querySelector('longreach-cockpit')?.client,
  );
  return handle as JSHandle<FakeClient>;
}

async function openMachine(options: Parameters<Harness['open']>[0] = {}) {
  const page = await harness.open(options);
  await page.getByTestId('machine-rover-1').click();
  await page.getByTestId('main-video').waitFor();
  const fake = await fakeOf(page);
  return { page, fake, lastAxes: () => fake.evaluate((client) => client.drives.at(-1)?.axes) };
}

async function openArmed(options: Parameters<Harness['open']>[0] = {}) {
  const opened = await openMachine(options);
  await opened.page.getByTestId('request-control').click();
  await opened.page.locator('[data-testid=master][data-permission=master]').waitFor();
  await opened.page.keyboard.press('KeyR');
  await opened.page.locator('[data-testid=guard-mode][data-mode=armed]').waitFor();
  return opened;
}

describe('access', () => {
  it('uses the one-time code, removes it from the address, and a reload needs none', async () => {
    const page = await harness.open({ hash: '#code=abc' });
    await page.getByTestId('machine-rover-1').waitFor();
    expect(page.url()).not.toContain('code');
    await page.reload();
    await page.getByTestId('machine-rover-1').waitFor();
    const calls = await (await fakeOf(page)).evaluate((client) => client.calls);
    expect(calls).toEqual(['login op-1 1']);
    expect(await page.evaluate(() => 'longreach' in window)).toBe(false);
    await page.close();
  });

  it('asks for id and key without a code, and a reload comes back to the machine', async () => {
    const page = await harness.open({ hash: '' });
    await page.getByTestId('login-device-id').fill('op-9');
    await page.getByTestId('login-key').fill('key');
    await page.getByTestId('login-submit').click();
    await page.getByTestId('machine-rover-1').click();
    await page.getByTestId('main-video').waitFor();
    await page.reload();
    await page.getByTestId('main-video').waitFor();
    const calls = await (await fakeOf(page)).evaluate((client) => client.calls);
    expect(calls.slice(0, 2)).toEqual(['login op-9 1', 'connect rover-1']);
    await page.close();
  });

  it('shows why the server ended the session', async () => {
    const page = await harness.open();
    await page.getByTestId('machine-rover-1').waitFor();
    await (await fakeOf(page)).evaluate((client) =>
      client.emit('kickedOut', { reason: 'newer login' }),
    );
    await soon(() => page.getByTestId('login-failure').textContent()).toContain('newer login');
    await page.close();
  });
});

describe('pictures', () => {
  it('a click on a small one swaps it with the main one, without connecting or attaching anew', async () => {
    const { page, fake } = await openMachine();
    await soon(() => fake.evaluate((client) => client.calls.length)).toBe(6);
    await page.getByTestId('thumb-1').click();
    await soon(() => page.getByTestId('main-video').getAttribute('data-stream-id')).toBe('2');
    expect(await page.getByTestId('thumb-1').getAttribute('data-stream-id')).toBe('0');
    await page.keyboard.press('Digit1');
    await soon(() => page.getByTestId('main-video').getAttribute('data-stream-id')).toBe('1');
    expect((await fake.evaluate((client) => client.calls)).slice(6)).toEqual(['swap', 'swap']);
    await soon(() =>
      page.getByTestId('main-video').evaluate((video: HTMLVideoElement) => video.videoWidth),
    ).toBe(640);
    await page.close();
  });

  it('an old picture is dimmed and dated, a stale one says that no commands leave', async () => {
    const { page, fake } = await openMachine();
    const marks = page.getByTestId('picture-mark');
    await soon(() => marks.count()).toBe(0);
    await fake.evaluate((client) => client.setPicture(0, 'old', 320));
    await soon(() => marks.first().textContent()).toMatch(/OLD PICTURE \d+ ms/);
    await soon(() => marks.first().textContent()).toContain('NO COMMANDS LEAVE');
    expect(await page.getByTestId('latency').textContent()).toBe('–');
    await fake.evaluate((client) => client.setPicture(0, 'fresh', 20));
    await soon(() => marks.count()).toBe(0);
    await page.close();
  });

  it('says what is wrong with the connection and takes it back', async () => {
    const { page, fake } = await openMachine();
    const say = (state: 'reconnecting' | 'connected') =>
      fake.evaluate(
        (client, to) => client.emit('signalingStateChanged', { state: to, roomId: '', data: {} }),
        state,
      );
    await say('reconnecting');
    await soon(() => page.getByTestId('connection-notice').textContent()).toContain('Reconnecting');
    await say('connected');
    await soon(() => page.getByTestId('connection-notice').count()).toBe(0);
    await page.close();
  });
});

describe('embedding', () => {
  it('a view alone plays its stream, loses it with the connection and finds it again', async () => {
    const { page, fake } = await openMachine();
    await page.evaluate(() => {
      const view = document.createElement('longreach-view');
      view.client = document.querySelector('longreach-cockpit')?.client;
      Object.assign(view, { deviceId: 'rover-1', streamId: 3, videoTestId: 'alone' });
      document.body.prepend(view);
    });
    const video = page.getByTestId('alone');
    const state = () => video.getAttribute('data-picture');
    await soon(state).toBe('fresh');
    expect((await video.boundingBox())?.height).toBeGreaterThan(100);
    await fake.evaluate((client) =>
      client.emit('disconnected', { deviceId: 'rover-1', reason: 'test' }),
    );
    await soon(state).toBe('none');
    await fake.evaluate((client) => client.emit('connected', { deviceId: 'rover-1' }));
    await soon(state).toBe('fresh');
    await page.close();
  });
});

describe('driving', () => {
  it('keys of a guest move nothing; the master drives, steers right as positive, and letting go is neutral', async () => {
    const { page, fake, lastAxes } = await openMachine();
    await page.keyboard.press('KeyW');
    expect(await lastAxes()).toBeUndefined();
    await page.getByTestId('request-control').click();
    await page.keyboard.press('KeyR');
    await page.keyboard.down('KeyW');
    await page.keyboard.down('ArrowRight');
    await soon(async () => (await lastAxes())?.[1]).toBeGreaterThan(0.3);
    expect((await lastAxes())?.[0]).toBeGreaterThan(0);
    await soon(() => page.getByTestId('speed').textContent()).not.toBe('0.0');
    expect(await page.getByTestId('input-device').getAttribute('data-device')).toBe('keyboard');
    await page.keyboard.up('KeyW');
    await page.keyboard.up('ArrowRight');
    await soon(lastAxes).toEqual([0, 0, 0]);
    await page.keyboard.press('KeyC');
    await soon(() => fake.evaluate((client) => client.calls.at(-1))).toBe('stopDriving');
    await page.close();
  });

  it('is neutral after blur until the key is pressed again', async () => {
    const { page, lastAxes } = await openArmed();
    await page.keyboard.down('KeyW');
    await soon(async () => (await lastAxes())?.[1]).toBeGreaterThan(0);
    await page.evaluate(() => window.dispatchEvent(new Event('blur')));
    await page.keyboard.down('KeyW');
    await soon(lastAxes).toEqual([0, 0, 0]);
    await page.keyboard.up('KeyW');
    await page.keyboard.down('KeyW');
    await soon(async () => (await lastAxes())?.[1]).toBeGreaterThan(0);
    await page.close();
  });

  it('Space brakes and does not press the focused button', async () => {
    const { page, fake, lastAxes } = await openArmed();
    await page.getByTestId('release-control').focus();
    await page.keyboard.down('Space');
    await soon(async () => (await lastAxes())?.[2]).toBe(1);
    await page.keyboard.up('Space');
    expect(await fake.evaluate((client) => client.masterId)).toBe('op-1');
    await page.close();
  });

  it('drives by gamepad, and is neutral when it goes', async () => {
    const { page, lastAxes } = await openArmed();
    const setTrigger = (value: number | undefined) =>
      page.evaluate((throttle) => {
        const buttons = Array.from({ length: 17 }, (_, i) => ({
          value: i === 7 ? (throttle ?? 0) : 0,
          pressed: false,
        }));
        const pad = { connected: true, mapping: 'standard', axes: [0, 0, 0, 0], buttons };
        Object.defineProperty(navigator, 'getGamepads', {
          configurable: true,
          value: () => (throttle === undefined ? [null] : [null, pad]),
        });
      }, value);
    await setTrigger(0);
    await soon(() => page.getByTestId('input-device').textContent()).toContain('gamepad ready');
    await setTrigger(1);
    await soon(async () => (await lastAxes())?.[1]).toBe(1);
    await setTrigger(undefined);
    await soon(lastAxes).toEqual([0, 0, 0]);
    await soon(() => page.getByTestId('input-device').textContent()).toContain('GAMEPAD LOST');
    await page.close();
  });
});

describe('emergency stop', () => {
  it('stops by button and by both keys, for a guest too', async () => {
    const { page, fake } = await openMachine();
    const stops = () =>
      fake.evaluate((client) => client.calls.filter((call) => call === 'emergencyStop').length);
    await page.getByTestId('estop').click();
    await soon(stops).toBe(1);
    await page.locator('[data-testid=estop][data-state=active]').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Pause');
    await page.getByTestId('estop').press('Enter');
    await soon(stops).toBe(4);
    expect(await page.getByTestId('guard-mode').textContent()).toBe('EMERGENCY STOP');
    await page.close();
  });
});

describe('layout', () => {
  it.each([
    [1024, 600],
    [820, 1180],
  ])(
    'at %d x %d everything fits, targets are large, and nothing jumps between states',
    async (width, height) => {
      const { page, fake } = await openMachine({ width, height, streams: 8 });
      const boxes = () =>
        page.evaluate(() => {
          const found: Record<string, { x: number; y: number; width: number; height: number }> = {};
          const visit = (root: ParentNode): void => {
            for (const element of root.querySelectorAll('*')) {
              const id = element.getAttribute('data-testid');
              if (id || element.localName === 'button') {
                const { x, y, width, height } = element.getBoundingClientRect();
                found[
                  `${element.localName} ${id?.replace(/re(quest|lease)-/, '') ?? element.ariaLabel}`
                ] = { x, y, width, height };
              }
              if (element.shadowRoot) visit(element.shadowRoot);
            }
          };
          visit(document);
          return found;
        });
      const fixed = (all: Awaited<ReturnType<typeof boxes>>) =>
        Object.fromEntries(
          Object.entries(all).filter(
            ([name]) => /^(button|video)|master|bar$/.test(name) && !name.includes('sound'),
          ),
        );
      await page.getByTestId('regime').waitFor();
      const before = await boxes();
      for (const [name, box] of Object.entries(before)) {
        expect(box.x + box.width, name).toBeLessThanOrEqual(width + 0.5);
        expect(box.y + box.height, name).toBeLessThanOrEqual(height + 0.5);
        const least = name.includes('estop') ? 88 : name.startsWith('button') ? 44 : 0;
        expect(Math.min(box.width, box.height), name).toBeGreaterThanOrEqual(least);
      }
      await page.getByTestId('request-control').click();
      await page.keyboard.press('KeyR');
      await fake.evaluate((client) => {
        client.latencyMs = 1234;
        client.vehicle.speedMps = -33;
      });
      await page.keyboard.press('Escape');
      await page.locator('[data-testid=estop][data-state=active]').waitFor();
      expect(fixed(await boxes())).toEqual(fixed(before));
      await page.close();
    },
  );
});

describe('diagnosis', () => {
  it('names the stage to blame, plots the figures, and saves them', async () => {
    const { page, lastAxes } = await openArmed({ width: 1400, height: 820 });
    await page.getByTestId('diagnose').click();
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    expect(await verdict.getAttribute('data-stage')).toBe('uplink');
    expect(await verdict.textContent()).toContain('antenna');
    await soon(() => page.locator('longreach-diagnosis canvas').count()).toBe(4);
    for (const [kind, marker] of [
      ['json', '"stage": "uplink"'],
      ['html', 'data:image/png;base64,'],
    ] as const) {
      const saved = page.waitForEvent('download');
      await page.getByTestId(`save-${kind}`).click();
      const download = await saved;
      expect(download.suggestedFilename()).toMatch(
        new RegExp(`^diagnosis-rover-1-uplink-.*${kind}$`),
      );
      expect(await readFile(await download.path(), 'utf8')).toContain(marker);
    }
    // Driving goes on beside it.
    await page.keyboard.down('ArrowUp');
    await soon(async () => (await lastAxes())?.[1]).toBeGreaterThan(0);
    await page.keyboard.up('ArrowUp');
    await page.getByTestId('close-diagnosis').click();
    expect(await page.locator('longreach-diagnosis').count()).toBe(0);
    await page.close();
  });

  it.each([
    [1400, 820],
    [820, 1100],
  ])('covers neither the main picture nor a control at %i x %i', async (width, height) => {
    const { page } = await openMachine({ width, height });
    await page.getByTestId('diagnose').click();
    await page.getByTestId('verdict').waitFor();
    const boxOf = async (selector: string) => {
      const box = await page.locator(selector).first().boundingBox();
      if (!box) throw new Error(`${selector} is not shown`);
      return box;
    };
    const panel = await boxOf('longreach-diagnosis');
    for (const selector of ['[data-testid=main-video]', 'longreach-control-bar', 'longreach-hud']) {
      const other = await boxOf(selector);
      const isApart =
        panel.x >= other.x + other.width - 1 ||
        other.x >= panel.x + panel.width - 1 ||
        panel.y >= other.y + other.height - 1 ||
        other.y >= panel.y + panel.height - 1;
      expect(isApart, selector).toBe(true);
    }
    await page.close();
  });
});
