import type { DeviceId } from '@longreach/protocol';
import { NetworkErrorCode } from '@longreach/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { parseServerConfig } from '../config/server-config.ts';
import { fakeWorker, testConfig } from '../testing/test-server.ts';
import type { ToWorker } from './worker-channel.ts';
import { WorkerPool } from './worker-pool.ts';

let pool: WorkerPool;
afterEach(() => pool.close());

const log = pino({ level: 'silent' });

async function createPool(
  workers: number,
  script = fakeWorker,
  workerReplyMs = 5_000,
): Promise<WorkerPool> {
  const { media } = testConfig();
  const config = parseServerConfig(
    testConfig({ media: { ...media, workers }, timings: { workerReplyMs } }),
  );
  pool = new WorkerPool({ config, log, script });
  await pool.start();
  return pool;
}

function offerOf(room: string, sdp = 'offer', role: 'field' | 'remote' = 'remote') {
  const roomId = room as DeviceId;
  const peerId = 'operator-1' as DeviceId;
  const slots = [{ mid: '0', streamId: 0, mediaType: 'video' as const }];
  return { roomId, peerId, connectionId: 'c1', role, sdp, slots };
}

async function inboxOf(room: string): Promise<ToWorker[]> {
  return JSON.parse(await pool.offer(offerOf(room, 'dump')));
}

describe('worker pool', () => {
  it('gives a room to the worker with the fewest and keeps it there', async () => {
    await createPool(2);
    for (const room of ['a', 'b', 'c', 'a', 'b']) await pool.offer(offerOf(room));
    const inboxes = await Promise.all([inboxOf('a'), inboxOf('b')]);
    const rooms = inboxes.map((inbox) =>
      inbox.flatMap((message) => (message.type === 'offer' ? message.roomId : [])),
    );
    expect(rooms.map((seen) => [...new Set(seen)].sort())).toEqual([['a', 'c'], ['b']]);
    const ports = inboxes.map((inbox) => (inbox[0]?.type === 'start' ? inbox[0].options.port : 0));
    expect((ports[1] ?? 0) - (ports[0] ?? 0)).toBe(1);
  });

  it('says that a room is assigned before the first offer goes out', async () => {
    await createPool(1);
    const roomId = 'a' as DeviceId;
    const lease = { epoch: 1, masterId: null, reason: 'free' };
    pool.on('roomAssigned', (assigned) => pool.send({ type: 'lease', ...assigned, lease }));
    await pool.offer(offerOf('a'));
    const inbox = await inboxOf('a');
    expect(inbox.map(({ type }) => type)).toEqual(['start', 'lease', 'offer', 'offer']);
    expect(inbox[1]).toEqual({ type: 'lease', roomId, lease });
  });

  it('reports demands, failed connections and counters', async () => {
    await createPool(1);
    const demand = new Promise((resolve) => pool.on('demandChanged', resolve));
    const ended = new Promise((resolve) => pool.on('connectionEnded', resolve));
    await pool.offer(offerOf('a', 'fail'));
    expect(await demand).toEqual({ roomId: 'a', streamId: 0, mediaType: 'video', active: true });
    expect(await ended).toMatchObject({ connectionId: 'c1', reason: 'failed' });
    await inboxOf('a');
    expect(pool.stats()).toMatchObject([{ roomId: 'a', commandsPassed: 4 }]);
  });

  it('a dead worker fails who waits, is told with its rooms, and is replaced on the same port', async () => {
    await createPool(1);
    const [before] = pool.pids();
    const portOf = ([first]: ToWorker[]) => (first?.type === 'start' ? first.options.port : 0);
    const port = portOf(await inboxOf('a'));
    const lost = new Promise((resolve) => pool.on('workerLost', resolve));
    const silent = pool.offer(offerOf('a', 'silent'));
    const failure = expect(silent).rejects.toMatchObject({
      code: NetworkErrorCode.MediaServerException,
      retryable: true,
    });
    process.kill(before ?? 0, 'SIGKILL');
    await failure;
    expect(await lost).toEqual({ roomIds: ['a'] });
    expect(portOf(await inboxOf('a'))).toBe(port);
    expect(pool.pids()).not.toContain(before);
  });

  it('a worker that does not answer fails with MediaServerException and is replaced', async () => {
    await createPool(1, fakeWorker, 100);
    const lost = new Promise((resolve) => pool.on('workerLost', resolve));
    await expect(pool.offer(offerOf('a', 'silent'))).rejects.toMatchObject({
      code: NetworkErrorCode.MediaServerException,
    });
    expect(await lost).toEqual({ roomIds: ['a'] });
  });

  it('a worker that cannot start fails the start with one line', async () => {
    const start = createPool(1, '/nowhere/worker.ts');
    await expect(start).rejects.toThrow('a media worker did not come up');
  });

  it('closing ends every process; twice is fine', async () => {
    await createPool(2);
    const pids = pool.pids();
    await Promise.all([pool.close(), pool.close()]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
