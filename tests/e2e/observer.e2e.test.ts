import { NetworkErrorCode } from '@longreach/protocol';
import type { ClientOptions } from '@longreach/sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { ClientPage } from '../support/client-page.ts';
import { eventually } from '../support/eventually.ts';

const deviceId = 'rover-1';
const ownId = 'operator-1';

let built: Awaited<ReturnType<typeof buildSdkPage>>;
let system: LocalSystem;
let browser: Browser;
let page: ClientPage;

beforeAll(async () => {
  built = await buildSdkPage('client-page');
  system = await startLocalSystem({ cockpitDir: built.dir });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
  await built?.remove();
});
afterEach(() => page?.close());

const rtp: Partial<ClientOptions> = {
  cloudMode: 'private',
  sdkMode: 'server',
  player: { kind: 'rtp' },
  statsPeriodMs: 500,
};

function openTab(options = rtp, prepare?: (target: Page) => Promise<unknown>): Promise<ClientPage> {
  return ClientPage.open(browser, system.server.url, options, prepare);
}

function login(tab: ClientPage): Promise<unknown> {
  const secret = system.operatorKeys.get(ownId);
  return tab.call('login', { deviceId: ownId, secret, forceLogin: 1 });
}

/** Logs in and connects to two streams. */
async function connect(options = rtp, prepare?: (target: Page) => Promise<unknown>): Promise<void> {
  page = await openTab(options, prepare);
  await login(page);
  await page.call('connect', deviceId, { streams: [0, 1] });
}

const signalingStates = async () =>
  (await page.observed('onSignalingState')).map(([{ state }]) => state);
const roomStates = async () => (await page.observed('onRoomState')).map(([param]) => param);
const peerStates = async () =>
  (await page.observed('onPeerConnectionState')).map(([{ state }]) => state);

/** Every figure of a picture that Chromium gives to a page that does not capture. */
const videoFigures = [
  ...['bitrate', 'packetsReceived', 'packetsLost', 'lost', 'lostAvg', 'rtt', 'rttAvg', 'jitter'],
  ...['decoderType', 'nack', 'firCount', 'pliCount', 'framesReceived', 'framesDecoded'],
  ...['keyFramesDecoded', 'fps', 'stableFps', 'decodeTime', 'decodeTimeAvg', 'processingDelay'],
  ...['processingDelayAvg', 'jitterBuffer', 'jitterBufferAvg', 'jitterBufferTarget'],
  ...['jitterBufferTargetAvg', 'latency', 'lag100', 'lag150', 'nackDelta', 'firCountDelta'],
  ...['pliCountDelta', 'framesReceivedDelta', 'framesDecodedDelta', 'packetsReceivedDelta'],
  'packetsLostDelta',
];

/** Callbacks, and the events that say the same. */
const sameAsEvents = {
  onSignalingState: 'signalingStateChanged',
  onRoomState: 'roomStateChanged',
  onPeerConnectionState: 'peerConnectionStateChanged',
  onConnected: 'connected',
  onDisconnected: 'disconnected',
  onKickedOut: 'kickedOut',
  onPermissionState: 'permissionChanged',
  onGatewayListChanged: 'gatewayListChanged',
  onEvent: 'event',
} as const;

/** Answers every `permission` request in the server's place: it failed. */
async function refusePermission(target: Page): Promise<void> {
  await target.routeWebSocket('**/signaling', (near) => {
    const far = near.connectToServer();
    near.onMessage((message) => {
      const { verb, id } = JSON.parse(String(message)) as { verb?: string; id?: number };
      if (verb !== 'permission') far.send(message);
      else near.send(JSON.stringify({ v: 1, re: id, code: 9999, message: 'no answer' }));
    });
  });
}

describe('an observer is told', () => {
  test('every step from login to logout, in order', async () => {
    await connect();
    expect(await page.observed('onSignalingState')).toEqual([
      [{ state: 'new', data: {} }, ''],
      [{ state: 'connecting', data: {} }, ''],
      [{ state: 'connected', data: { resumed: false } }, ''],
      [{ state: 'new', data: {} }, deviceId],
      [{ state: 'scheduling', data: {} }, deviceId],
      [{ state: 'scheduled', data: { nodeId: 'node-1' } }, deviceId],
      [{ state: 'connected', data: { roomId: deviceId } }, deviceId],
    ]);
    expect(await roomStates()).toEqual([
      { deviceId, state: 'joining' },
      { deviceId, state: 'joined' },
    ]);
    const peer = { deviceId, message: '', data: {} };
    expect(await page.observed('onPeerConnectionState')).toEqual([
      [{ ...peer, state: 'new', code: 1 }],
      [{ ...peer, state: 'connecting', code: 2 }],
      [{ ...peer, state: 'connected', code: 0 }],
    ]);
    expect(await page.observed('onConnected')).toEqual([[{ deviceId }]]);
    expect(await page.observed('onDisconnected')).toEqual([]);
    await page.call('logout');
    expect((await page.observed('onPeerConnectionState')).at(-1)).toEqual([
      { ...peer, state: 'closed', code: 5 },
    ]);
    expect(await page.observed('onDisconnected')).toEqual([
      [{ deviceId, reason: 'disconnected by the application' }],
    ]);
    expect((await roomStates()).at(-1)).toEqual({ deviceId, state: 'unjoined' });
    expect((await signalingStates()).at(-1)).toBe('closed');
    expect(await page.observed('onError')).toEqual([]);
  });

  test('who is master, with the epoch of the lease', async () => {
    await connect();
    const master = await page.call('requestPermission', deviceId);
    const lease = { deviceId, permission: 'master', masterId: ownId, reason: 'granted' };
    expect(master).toMatchObject(lease);
    const { epoch } = master as { epoch: number };
    expect((await page.observed('onPermissionState')).at(-1)).toEqual([{ ...lease, epoch }]);
    await page.call('releasePermission', deviceId);
    const [last] = (await page.observed('onPermissionState')).at(-1) ?? [];
    expect(last).toMatchObject({ deviceId, permission: 'guest', masterId: null });
    expect(last?.epoch).toBeGreaterThan(epoch);
  });

  test('that each track plays, with the size of the picture', async () => {
    await connect();
    await page.attach(deviceId, 1, 0);
    const found = await eventually('a picture and a sound', async () => {
      const all = (await page.observed('onEvent')).map(([event]) => event);
      const played = all.flatMap((event) => (event.type === 'autoplay' ? [event.data] : []));
      return new Set(played.map(({ mediaType }) => mediaType)).size === 2 && played;
    });
    const track = { code: 0, message: 'playing', fieldDeviceId: deviceId, srcUserId: deviceId };
    expect(found.find(({ mediaType }) => mediaType === 'video')).toEqual({
      ...track,
      ...{ streamId: 1, trackId: `${deviceId}:1:video`, mediaType: 'video' },
      ...{ videoWidth: 640, videoHeight: 360 },
    });
    expect(found.find(({ mediaType }) => mediaType === 'audio')).toEqual({
      ...track,
      ...{ streamId: 0, trackId: `${deviceId}:0:audio`, mediaType: 'audio' },
    });
  });

  test('the statistics of each track, once a collection period', async () => {
    await connect();
    await Promise.all([page.attach(deviceId, 0, 0), page.attach(deviceId, 1, 1)]);
    const told = async () => {
      const all = (await page.observed('onEvent')).map(([event]) => event);
      return all.flatMap((event) => (event.type === 'webrtcStats' ? [event] : []));
    };
    const { data } = await eventually('statistics of moving pictures', async () => {
      const last = (await told()).at(-1);
      const moving = last?.data.filter(({ latency, stableFps = 0 }) => latency && stableFps > 5);
      return moving?.length === 2 && last;
    });
    const tracks = ['0:audio', '0:video', '1:video'].map((track) => `${deviceId}:${track}`);
    expect(data.map(({ trackId }) => trackId).toSorted()).toEqual(tracks);
    const front = data.find(({ trackId }) => trackId === `${deviceId}:0:video`);
    expect(front).toMatchObject({ srcUserId: deviceId, streamId: 0, mediaType: 'video' });
    expect(front).toMatchObject({ resolution: '1280x720', codec: 'video/H264' });
    expect(Object.keys(front ?? {})).toEqual(expect.arrayContaining(videoFigures));
    const count = (await told()).length;
    const startMs = performance.now();
    await eventually('four more', async () => (await told()).length >= count + 4);
    expect(performance.now() - startMs).toBeGreaterThan(1_400);
  });

  test('that the microphone is no longer published, and why', async () => {
    await connect();
    await page.page.evaluate((id) => window.clientPage.publishLocalTrack(id), deviceId);
    await page.call('unpublishLocalTrack', deviceId);
    const all = (await page.observed('onEvent')).map(([event]) => event);
    expect(all.filter(({ type }) => type === 'localTrackUnpublished')).toEqual([
      {
        type: 'localTrackUnpublished',
        data: { trackId: `${ownId}:0:audio`, mediaType: 'audio', reason: 'unpublished' },
      },
    ]);
  });

  test('how the fleet changes', async () => {
    await connect();
    const machine = {
      deviceId,
      deviceName: 'Rover 1 (simulated)',
      streamCount: 4,
      status: 'connected',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    };
    const newest = async () => (await page.observed('onGatewayListChanged')).at(-1)?.[0];
    await eventually('that the machine is watched', async () => {
      return (await newest())?.[0]?.status === 'connected';
    });
    expect(await newest()).toMatchObject([machine]);
    await page.call('disconnect', deviceId);
    await eventually('that it is watched no more', async () => {
      return (await newest())?.[0]?.status === 'ready';
    });
    expect(await page.call('getGatewayList')).toMatchObject([{ ...machine, status: 'ready' }]);
  });

  test('that another login took its place, and every event beside the callbacks', async () => {
    await connect();
    await page.call('requestPermission', deviceId);
    const other = await openTab();
    try {
      await login(other);
      const told = await eventually('the end', async () => {
        const [call] = await page.observed('onKickedOut');
        return call;
      });
      expect(told).toEqual([{ reason: expect.stringContaining('kicked out') }]);
      expect((await roomStates()).at(-1)).toEqual({ deviceId, state: 'unjoined' });
      expect(await page.observed('onError')).toEqual([]);
      for (const [callback, name] of Object.entries(sameAsEvents)) {
        const calls = await page.observed(callback as keyof typeof sameAsEvents);
        const payloads = await page.events(name);
        expect([name, payloads.length]).toEqual([name, calls.length]);
        expect(payloads.length, name).toBeGreaterThan(0);
      }
    } finally {
      await other.close();
    }
  });

  test('what failed and nobody waits for: control that was to be taken at connect', async () => {
    await connect({ ...rtp, autoPermission: true }, refusePermission);
    const event = await page.untilEvent('errorOccurred', () => true);
    expect(event.message).toBe('permission: no answer');
    expect((await page.observed('onError')).map(([{ message }]) => message)).toEqual([
      'permission: no answer',
    ]);
  });

  test('that the server is gone, and how everything comes back', async () => {
    await connect();
    const before = (await signalingStates()).length;
    await system.server.kill();
    await eventually('the loss', async () => {
      return (await signalingStates()).slice(before).includes('disconnected');
    });
    await system.server.restart();
    await eventually('a new media path', async () => {
      const states = await peerStates();
      return states.includes('reconnecting') && states.at(-1) === 'connected';
    });
    const since = (await signalingStates()).slice(before);
    expect(since).toEqual(expect.arrayContaining(['disconnected', 'reconnecting', 'connected']));
    expect(since.indexOf('reconnecting')).toBeLessThan(since.lastIndexOf('connected'));
    expect(await page.observed('onDisconnected')).toEqual([]);
  });
});

describe('a browser that cannot', () => {
  const lastState = async () => (await page.observed('onPeerConnectionState')).at(-1)?.[0];
  const rejection = () =>
    page.call('connect', deviceId).then(
      () => 'connected',
      (error: Error) => error.message,
    );

  test('has no WebRTC: not_support', async () => {
    page = await openTab(rtp, (target) =>
      target.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection')),
    );
    await login(page);
    expect(await rejection()).toContain(`${NetworkErrorCode.MediaServerException} `);
    expect(await lastState()).toMatchObject({ deviceId, state: 'not_support', code: 255 });
  });

  test('refuses another peer connection: limit_exceeded', async () => {
    page = await openTab();
    await login(page);
    expect(await page.page.evaluate(() => window.clientPage.exhaust())).toBeGreaterThan(50);
    expect(await rejection()).toContain(`${NetworkErrorCode.MediaServerException} `);
    expect(await lastState()).toMatchObject({ deviceId, state: 'limit_exceeded', code: 256 });
  });

  test('a wrong key ends with InvalidUserSignature', async () => {
    page = await openTab();
    const guess = page.call('login', { deviceId: ownId, secret: 'wrong' });
    await expect(guess).rejects.toThrow(`${NetworkErrorCode.InvalidUserSignature} `);
  });
});
