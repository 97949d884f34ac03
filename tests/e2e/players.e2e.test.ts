import type { SDKMode } from '@longreach/protocol';
import type { PlayerKind } from '@longreach/sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { buildSdkPage } from '../support/build-sdk-page.ts';
import { eventually } from '../support/eventually.ts';
import { SdkPage, type SdkPageOptions } from '../support/sdk-page.ts';

const allStreams = [0, 1, 2, 3];
/** The front camera, and each of the others. */
const wide = 1280;
const small = 640;

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
afterEach(async () => {
  if (page.page.isClosed()) return;
  const { errors } = await page.told();
  expect(errors.filter((message) => message.includes('no documented step'))).toEqual([]);
  await page.close();
});

/** A way that pictures take. */
type Way = { kind: PlayerKind | 'auto'; mode: SDKMode };

const rtp: Way = { kind: 'rtp', mode: 'server' };
const datagram: Way = { kind: 'datagram', mode: 'server' };
const tracks: Way = { kind: 'rtp', mode: 'server2' };

async function open(
  { kind, mode }: Way,
  shown: number[],
  options: { slots?: number; prepare?: SdkPageOptions['prepare'] } = {},
): Promise<void> {
  const { slots, prepare } = options;
  const more = prepare ? { prepare } : {};
  page = await SdkPage.open(browser, system, { player: { kind }, mode, ...more });
  await page.connect(shown, slots);
}

async function playersTold(): Promise<string[]> {
  return (await page.told()).players.map(({ kind }) => kind);
}

/** Everything so far went over the first connections: one, or one more than there are tracks. */
async function expectFirstConnections({ mode }: Way, slots: number): Promise<void> {
  expect((await page.told()).reconnects).toEqual([]);
  expect(await page.peers()).toBe(mode === 'server2' ? slots + 1 : 1);
}

/** State that was told last of a stream. */
async function pictureState(streamId: number): Promise<string | undefined> {
  const { pictures } = await page.told();
  return pictures.findLast((event) => event.streamId === streamId)?.state;
}

async function untilPicture(streamId: number, state: string): Promise<void> {
  await eventually(`picture ${state}`, async () => (await pictureState(streamId)) === state);
}

describe.each([
  ['rtp player', rtp],
  ['datagram player', datagram],
  ['a connection for each track', tracks],
])('%s', (_name, way) => {
  test('every camera moves, and is known to', async () => {
    await open(way, allStreams);
    for (const element of allStreams) await page.untilMoving(element);
    for (const streamId of allStreams) await untilPicture(streamId, 'fresh');
    expect(await playersTold()).toEqual([way.kind]);
    await expectFirstConnections(way, 4);
  });

  test('the time from capture to screen is known', async () => {
    await open(way, [0]);
    const figures = await eventually('a latency', async () =>
      (await page.told()).figures.find(({ latencyMs }) => latencyMs !== undefined),
    );
    // A capture time that is off by a turn, a slot's offset or a unit is off by far more.
    expect(figures.latencyMs).toBeGreaterThan(0);
    expect(figures.latencyMs).toBeLessThan(2_000);
  });

  test('two elements exchange what they show, one lets go, another takes it over', async () => {
    await open(way, [0, 1]);
    await page.untilMoving(0, wide);
    await page.untilMoving(1, small);
    await page.swap(0, 1);
    await page.untilMoving(0, small);
    await page.untilMoving(1, wide);
    await page.detach(1);
    expect((await page.look(1)).width).toBe(0);
    await page.untilMoving(0, small);
    await page.attach(2, 0);
    await page.untilMoving(2, wide);
    await expectFirstConnections(way, 2);
  });

  test('one slot shows one stream after another', async () => {
    await open(way, [0], { slots: 1 });
    await page.untilMoving(0, wide);
    await page.attach(0, 2);
    await page.untilMoving(0, small);
    await page.attach(0, 0);
    await page.untilMoving(0, wide);
    await expectFirstConnections(way, 1);
    const shown = async () => (await page.stats()).filter(({ mediaType }) => mediaType === 'video');
    await eventually('statistics of the shown stream only', async () => {
      return (await shown()).map(({ streamId }) => streamId).join() === '0';
    });
  });

  test('statistics name every track, in their units', async () => {
    await open(way, [0, 1]);
    const stats = await eventually('statistics of moving pictures', async () => {
      const all = await page.stats();
      return all.some(({ fps = 0, stableFps = 0 }) => fps > 5 && stableFps > 5) && all;
    });
    const tracks = stats.map(({ trackId }) => trackId).toSorted();
    const { machineId } = system;
    expect(tracks).toEqual(
      [`${machineId}:0:audio`, `${machineId}:0:video`, `${machineId}:1:video`].toSorted(),
    );
    const front = stats.find(({ streamId, mediaType }) => streamId === 0 && mediaType === 'video');
    expect(front).toMatchObject({ resolution: '1280x720', firCount: 0 });
    expect(front?.codec?.toLowerCase()).toBe('video/h264');
    const within = (figure: number | undefined, least: number, most: number) => {
      expect(figure).toBeGreaterThanOrEqual(least);
      expect(figure).toBeLessThanOrEqual(most);
    };
    within(front?.bitrate, 0.01, 50);
    within(front?.lost, 0, 100);
    within(front?.jitter, 0, 1);
    within(front?.decodeTime, 0.05, 500);
    within(front?.jitterBuffer, 0, 1_000);
    within(front?.processingDelay, 0.05, 2_000);
    within(front?.latency, 1, 2_000);
    within(front?.rtt, 0, 2_000);
    within(front?.framesDecoded, 5, 100_000);
    within(front?.keyFramesDecoded, 1, front?.framesDecoded ?? 0);
    within(front?.packetsReceived, front?.framesReceived ?? 0, 1_000_000);
    within(front?.pliCount, 0, 1_000);
    within(front?.nack, 0, 100_000);
  });

  test('a picture that stands still is told, and that it moves again', async () => {
    await open(way, [0]);
    await untilPicture(0, 'fresh');
    const media = system.agent.pids().media as number;
    process.kill(media, 'SIGSTOP');
    try {
      await untilPicture(0, 'stale');
    } finally {
      process.kill(media, 'SIGCONT');
    }
    await untilPicture(0, 'fresh');
    await page.untilMoving(0);
  });

  test('pictures come back by themselves after the media worker was killed', async () => {
    await open(way, [0, 1]);
    await page.untilMoving(0);
    const [worker] = await system.server.workerPids();
    process.kill(worker as number, 'SIGKILL');
    await untilPicture(0, 'stale');
    await untilPicture(0, 'fresh');
    for (const element of [0, 1]) await page.untilMoving(element);
    expect((await page.told()).session).toEqual(['connected']);
    expect(await playersTold()).toEqual([way.kind]);
  });

  test('an element that leaves the document takes nothing with it', async () => {
    await open(way, [0, 1]);
    await page.untilMoving(0, wide);
    await page.remove(0);
    await page.detach(0);
    await page.untilMoving(1, small);
    await page.attach(2, 0);
    await page.untilMoving(2, wide);
  });
});

describe('a connection for each track', () => {
  test('states name the stream and the medium, with one for all they do not', async () => {
    await open(tracks, [0, 1]);
    await untilPicture(1, 'fresh');
    const connected = async () =>
      (await page.told()).connections.filter(({ state }) => state === 'connected');
    expect(new Set(await connected())).toEqual(
      new Set([
        { state: 'connected', streamId: 0, mediaType: 'audio' },
        { state: 'connected', streamId: 0, mediaType: 'video' },
        { state: 'connected', streamId: 1, mediaType: 'video' },
      ]),
    );
    await page.close();
    await open(rtp, [0, 1]);
    expect(await connected()).toEqual([{ state: 'connected' }]);
  });

  test('the datagram player is refused', async () => {
    await expect(open({ kind: 'datagram', mode: 'server2' }, [0])).rejects.toThrow('server2');
  });
});

describe('a browser that cannot', () => {
  async function states(): Promise<string[]> {
    return (await page.told()).connections.map(({ state }) => state);
  }

  test('without WebRTC connecting says so', async () => {
    const prepare = (target: Page) =>
      target.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'));
    await expect(open(rtp, [0], { prepare })).rejects.toThrow('no WebRTC');
    expect(await states()).toEqual(['not_support']);
  });

  test('when it refuses another peer connection it says so, and the next one is tried', async () => {
    const prepare = (target: Page) =>
      target.addInitScript(() => {
        const Native = window.RTCPeerConnection;
        let made = 0;
        window.RTCPeerConnection = class extends Native {
          constructor(configuration?: RTCConfiguration) {
            made += 1;
            // The first track's, after the one for messages: a browser has about 500 for all its pages.
            if (made === 2) throw new DOMException('too many', 'UnknownError');
            super(configuration);
          }
        };
      });
    await open(tracks, [0, 1], { prepare });
    for (const element of [0, 1]) await page.untilMoving(element);
    const { connections } = await page.told();
    const refused = connections.filter(({ state }) => state === 'limit_exceeded');
    expect(refused).toEqual([{ state: 'limit_exceeded', streamId: 0, mediaType: 'video' }]);
  });
});

describe('the datagram player gives way to rtp', () => {
  /** Everything goes on: the same session, pictures from the other player, and no second change. */
  async function expectFallback(): Promise<void> {
    await eventually('the other player', async () => (await playersTold()).at(-1) === 'rtp');
    await untilPicture(0, 'fresh');
    await page.untilMoving(0, wide);
    await page.untilMoving(1, small);
    const { session, players } = await page.told();
    expect(session).toEqual(['connected']);
    expect(players.filter(({ kind }) => kind === 'rtp')).toHaveLength(1);
    await page.attach(1, 2);
    await page.untilMoving(1, small);
  }

  /** Keeps hold of the page's workers, so that a test can end them. */
  async function tapWorkers(target: Page): Promise<void> {
    await target.addInitScript(() => {
      const workers: Worker[] = [];
      Object.assign(window, { tappedWorkers: workers });
      window.Worker = class extends Worker {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          workers.push(this);
        }
      };
    });
  }

  test('when its worker dies', async () => {
    await open(datagram, [0, 1], { prepare: tapWorkers });
    await page.untilMoving(0);
    await page.page.evaluate(() => {
      const { tappedWorkers } = window as unknown as { tappedWorkers: Worker[] };
      for (const worker of tappedWorkers) worker.terminate();
    });
    await expectFallback();
    expect(await playersTold()).toEqual(['datagram', 'rtp']);
  });

  test('when its worker cannot be loaded', async () => {
    const prepare = (target: Page) =>
      target.route('**/datagram-worker*', (route) => route.abort('failed'));
    await open(datagram, [0, 1], { prepare });
    await expectFallback();
    expect(await playersTold()).toEqual(['datagram', 'rtp']);
  });

  test.each(['RTCRtpScriptTransform', 'VideoDecoder', 'MediaStreamTrackGenerator'])(
    'when the browser has no %s',
    async (name) => {
      const prepare = (target: Page) =>
        target.addInitScript((missing) => {
          Reflect.deleteProperty(window, missing);
        }, name);
      await open({ kind: 'auto', mode: 'server' }, [0, 1], { prepare });
      await expectFallback();
      expect((await page.told()).players).toMatchObject([{ kind: 'rtp' }]);
    },
  );
});
