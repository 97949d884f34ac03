import { readMarker, readTimestamp, rtpTimestamp } from '@longreach/rtp';
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

/** RTP timestamps of the whole pictures that a worker has. */
function picturesOf(worker: AnsweringWorker | undefined): number[] {
  const [ssrc = 0] = worker?.media.find(({ mid }) => mid === '0')?.ssrcs ?? [];
  return (worker?.rtpOf(ssrc) ?? []).filter(readMarker).map(readTimestamp);
}

test('a connection that still works is replaced without a picture lost, beginning with a key frame', async () => {
  open();
  const sent: { timestamp: number; key: boolean }[] = [];
  let wantsKey = false;
  const want = () => {
    wantsKey = true;
  };
  session.on('replacing', want);
  session.on('connected', ({ keyStreamId }) => keyStreamId === undefined && want());
  const camera = setInterval(() => {
    const captureTimeUs = machineClock.nowUs();
    const data = accessUnit(4_000, wantsKey);
    sent.push({ timestamp: rtpTimestamp(captureTimeUs, 90_000), key: wantsKey });
    const times = { captureTimeUs, encodedTimeUs: captureTimeUs };
    const frame = { streamId: 0, mediaType: 'video', encoding: 'main', key: wantsKey } as const;
    session.sendFrame({ ...frame, ...times, data });
    wantsKey = false;
  }, 20);
  try {
    session.handleLinkReady(false);
    await expect.poll(() => picturesOf(workers[0]).length, wireTime).toBeGreaterThan(20);
    session.renew('on purpose');
    await expect.poll(() => picturesOf(workers[1]).length, wireTime).toBeGreaterThan(10);
  } finally {
    clearInterval(camera);
  }
  const [before, after] = [picturesOf(workers[0]), picturesOf(workers[1])];
  expect(sent.find(({ timestamp }) => timestamp === after[0])?.key).toBe(true);
  const from = sent.findIndex(({ timestamp }) => timestamp === before[0]);
  const arrived = [...before, ...after];
  expect(arrived).toEqual(
    sent.slice(from, from + arrived.length).map(({ timestamp }) => timestamp),
  );
});
