import { readSequence } from '@longreach/rtp';
import { afterEach, expect, test } from 'vitest';
import { machineClock } from '../local/machine-clock.ts';
import { silentLog } from './log.ts';
import { PeerSession } from './peer-session.ts';
import { AnsweringWorker } from './testing/answering-worker.ts';
import { accessUnit, machineStreams } from './testing/transport-rig.ts';

const wireTime = { timeout: 5000, interval: 5 };
const workers: AnsweringWorker[] = [];
let session: PeerSession;

afterEach(() => {
  session.close();
  for (const worker of workers.splice(0)) worker.close();
});

function open(): void {
  session = new PeerSession({
    ...{ streams: machineStreams, smallStreamIds: [], voice: false, bindAddress: '127.0.0.1' },
    rateBounds: () => ({ minBps: 1e5, maxBps: 1e7, startBps: 4e6 }),
    isLinkReady: () => true,
    exchange: async ({ sdp }) => {
      workers.push(new AnsweringWorker(sdp, 48_371 + workers.length));
      return (workers.at(-1) as AnsweringWorker).answer;
    },
    log: silentLog,
  });
}

/** What came of the first stream's packets. */
function videoOf(worker: AnsweringWorker | undefined): Buffer[] {
  const [ssrc = 0] = worker?.media.find(({ mid }) => mid === '0')?.ssrcs ?? [];
  return worker?.rtpOf(ssrc) ?? [];
}

test('a connection that still works is replaced without a packet lost and without a key frame', async () => {
  open();
  let wantsKey = true;
  let begun = 0;
  session.on('begun', () => {
    begun += 1;
    wantsKey = true;
  });
  const camera = setInterval(() => {
    const captureTimeUs = machineClock.nowUs();
    const data = accessUnit(4_000, wantsKey);
    const times = { captureTimeUs, encodedTimeUs: captureTimeUs };
    const frame = { streamId: 0, mediaType: 'video', encoding: 'main', key: wantsKey } as const;
    wantsKey = false;
    session.sendFrame({ ...frame, ...times, data });
  }, 20);
  try {
    session.handleLinkReady(false);
    await expect.poll(() => videoOf(workers[0]).length, wireTime).toBeGreaterThan(20);
    session.renew('on purpose');
    await expect.poll(() => videoOf(workers[1]).length, wireTime).toBeGreaterThan(20);
  } finally {
    clearInterval(camera);
  }
  const [before, after] = [videoOf(workers[0]), videoOf(workers[1])];
  expect(before[0]?.readUInt32BE(8)).toBe(after[0]?.readUInt32BE(8));
  const numbers = [...before, ...after].map(readSequence);
  const first = numbers[0] ?? 0;
  expect(numbers).toEqual(numbers.map((_, i) => (first + i) & 0xffff));
  expect(begun).toBe(1);
});

test('the time without a connection counts as outage, the way and its bytes as those of the newest one', async () => {
  open();
  const atStart = session.takePathFacts();
  expect(atStart).toMatchObject({ isConnected: false, sentBytes: { media: 0 } });
  expect(atStart.connectionId).toBeUndefined();
  session.handleLinkReady(false);
  await expect.poll(() => session.isConnected(), wireTime).toBe(true);
  const connectedUs = machineClock.nowUs();
  expect(session.takePathFacts().outageUs).toBeGreaterThan(0);
  sendPicture(4000);
  await expect.poll(() => videoOf(workers[0]).length, wireTime).toBeGreaterThan(3);
  const first = session.takePathFacts();
  expect(first).toMatchObject({
    ...{ isConnected: true, outageUs: 0 },
    pair: { local: { address: '127.0.0.1', type: 'host' }, transport: 'udp' },
  });
  expect(first.sentBytes.media).toBeGreaterThan(4000);
  expect(session.takePathFacts().sentBytes.media).toBe(0);
  let lostUs = 0;
  session.on('lost', () => {
    lostUs = machineClock.nowUs();
  });
  workers[0]?.close();
  await expect.poll(() => workers.length > 1 && session.isConnected(), wireTime).toBe(true);
  const second = session.takePathFacts();
  expect(second.connectionId).not.toBe(first.connectionId);
  expect(lostUs).toBeGreaterThan(connectedUs);
  expect(second.outageUs).toBeGreaterThan(0);
  expect(second.outageUs).toBeLessThanOrEqual(machineClock.nowUs() - lostUs);
  expect(session.takePathFacts().outageUs).toBe(0);
});

function sendPicture(bytes: number): void {
  const captureTimeUs = machineClock.nowUs();
  const frame = { streamId: 0, mediaType: 'video', encoding: 'main', key: true } as const;
  const times = { captureTimeUs, encodedTimeUs: captureTimeUs };
  session.sendFrame({ ...frame, ...times, data: accessUnit(bytes, true) });
}
