import type { Lease } from '@longreach/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { LeaseKeeper } from './lease-keeper.ts';

const token = 'abcdefabcdefabcd';

/** A keeper whose disk answers when the test says so; `events` is all that it did, in order. */
function createRig() {
  const events: string[] = [];
  const writes: Array<{ done: () => void; fail: () => void }> = [];
  const tell = (who: string, lease: Lease) =>
    events.push(`${who} ${lease.epoch} ${lease.masterId} ${lease.reason} ${lease.token ?? '-'}`);
  const keeper = new LeaseKeeper<string>({
    persistedEpoch: 9,
    lastRequesterWins: false,
    persist: (epoch) => {
      events.push(`write ${epoch}`);
      return new Promise((resolve, reject) => {
        writes.push({ done: resolve, fail: () => reject(new Error('disk full')) });
      });
    },
    createToken: () => token,
    onLeaseInForce: (lease) => events.push(`guard ${lease.epoch} ${lease.token ?? '-'}`),
    onAnswer: (requester, lease) => tell(`answer ${requester}`, lease),
    onLeaseChanged: (lease, requester) => tell(`all but ${requester}`, lease),
    log: pino({ level: 'silent' }),
  });
  const nextWrite = async () => {
    while (writes.length === 0) await Promise.resolve();
    const write = writes.shift();
    if (!write) throw new Error('nothing is written');
    return write;
  };
  return { keeper, events, nextWrite };
}

describe('lease keeper', () => {
  it('lets nobody know of a lease before its epoch is on the disk', async () => {
    const { keeper, events, nextWrite } = createRig();
    keeper.request('a', 'q1');
    const write = await nextWrite();
    expect(events).toEqual(['guard 11 -', 'write 11']);
    expect(keeper.told).toEqual({ epoch: 10, masterId: null, reason: 'restarted' });
    write.done();
    await keeper.settled;
    expect(events.slice(2)).toEqual([
      `guard 11 ${token}`,
      `answer q1 11 a granted ${token}`,
      `all but q1 11 a granted ${token}`,
    ]);
  });

  it('ends a lease at once, whatever the disk does', async () => {
    const { keeper, events, nextWrite } = createRig();
    keeper.request('a', 'q1');
    const first = await nextWrite();
    keeper.remoteLeft('a');
    expect(events.at(-1)).toBe('guard 12 -');
    first.done();
    (await nextWrite()).fail();
    await keeper.settled;
    expect(events.filter((event) => event.startsWith('guard'))).toEqual([
      'guard 11 -',
      'guard 12 -',
    ]);
    expect(keeper.told).toEqual({ epoch: 12, masterId: null, reason: 'left' });
  });

  it('gives no lease whose epoch cannot be written', async () => {
    const { keeper, events, nextWrite } = createRig();
    keeper.request('a', 'q1');
    (await nextWrite()).fail();
    await keeper.settled;
    expect(events.join()).not.toContain(token);
    expect(events).toContain('answer q1 12 null revoked -');
    keeper.request('b', 'q2');
    (await nextWrite()).done();
    await keeper.settled;
    expect(keeper.told).toMatchObject({ epoch: 13, masterId: 'b' });
  });

  it('answers in order, and a refusal without a change', async () => {
    const { keeper, events, nextWrite } = createRig();
    keeper.request('a', 'q1');
    keeper.request('b', 'q2');
    keeper.release('b', 'q3');
    keeper.remoteLeft('b');
    (await nextWrite()).done();
    await keeper.settled;
    expect(events.slice(3)).toEqual([
      `answer q1 11 a granted ${token}`,
      `all but q1 11 a granted ${token}`,
      `answer q2 11 a held ${token}`,
      `answer q3 11 a granted ${token}`,
    ]);
  });

  it('refuses requests while too many wait for the disk', async () => {
    const { keeper, events, nextWrite } = createRig();
    keeper.request('a', 'q');
    const write = await nextWrite();
    for (let more = 0; more < 100; more++) keeper.request('b', `b${more}`);
    expect(events.filter((event) => event.includes('refused'))).toHaveLength(37);
    write.done();
    await keeper.settled;
  });
});
