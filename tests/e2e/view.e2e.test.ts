import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CockpitPage } from '../support/cockpit-page.ts';
import { createCpuMeter } from '../support/cpu-meter.ts';
import { eventually } from '../support/eventually.ts';
import { countPeers } from '../support/page-taps.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

const allStreams = [0, 1, 2, 3];
/** What the encoders' process uses of one core: at least this for four cameras, at most that for none. */
const busyShare = 0.1;
const idleShare = 0.03;
/** Long enough for a clock of 10 ms ticks. */
const meterInterval = { intervalMs: 500 };

let bed: TestBed;
let cockpit: CockpitPage;

beforeAll(async () => {
  bed = await startTestBed({ stamp: true });
  cockpit = await bed.openMachine();
});
afterAll(() => bed?.close());

/** The stamps of all four pictures. */
function readStamps(): Promise<Map<number, number>> {
  return eventually('a whole stamp in each picture', async () => {
    const stamps = [...(await cockpit.stamps())];
    const frames = stamps.flatMap(([id, stamp]) => (stamp ? [[id, stamp.frame] as const] : []));
    return frames.length === allStreams.length && new Map(frames);
  });
}

/** Resolves when every picture shows a later frame than now. */
async function expectAllMoving(): Promise<void> {
  const before = await readStamps();
  expect([...before.keys()].toSorted()).toEqual(allStreams);
  await eventually('a later frame in each picture', async () => {
    const now = await readStamps();
    return allStreams.every((id) => (now.get(id) as number) > (before.get(id) as number));
  });
}

function streamOf(testId: string): Promise<string | null> {
  return cockpit.at(testId).getAttribute('data-stream-id');
}

function widthOf(testId: string): Promise<number> {
  return cockpit.at(testId).evaluate((video) => (video as HTMLVideoElement).videoWidth);
}

test('four cameras decode: the stamp in the pixels of each can be read, and its counter goes up', async () => {
  await expectAllMoving();
});

test('a click on a small picture makes it the main one, without a new connection', async () => {
  const peers = await countPeers(cockpit.page);
  expect([await streamOf('main-video'), await streamOf('thumb-1')]).toEqual(['0', '2']);
  await cockpit.at('thumb-1').click();
  await eventually('the other stream in the main picture', async () => {
    return (await streamOf('main-video')) === '2' && (await streamOf('thumb-1')) === '0';
  });
  // The pictures themselves changed places: only the front camera is 1280 wide.
  await eventually('the front camera in the small picture', async () => {
    return (await widthOf('thumb-1')) === 1280 && (await widthOf('main-video')) === 640;
  });
  await expectAllMoving();
  expect(await countPeers(cockpit.page)).toBe(peers);
});

test('streams cost nothing while nobody watches, and come back for the next viewer', async () => {
  const share = createCpuMeter(bed.system.agent.pids().media as number);
  await eventually('encoders at work', () => share() > busyShare, meterInterval);
  await cockpit.at('leave').click();
  await eventually('encoders at rest', () => share() < idleShare, meterInterval);
  await cockpit.openMachine(bed.system.machineId);
  await eventually('encoders at work again', () => share() > busyShare, meterInterval);
  await expectAllMoving();
});

test('the same when the last viewer closes his tab', async () => {
  const share = createCpuMeter(bed.system.agent.pids().media as number);
  await eventually('encoders at work', () => share() > busyShare, meterInterval);
  await cockpit.close();
  await eventually('encoders at rest', () => share() < idleShare, {
    ...meterInterval,
    timeoutMs: 40_000,
  });
  cockpit = await bed.openMachine();
  await expectAllMoving();
});
