import { describe, expect, it } from 'vitest';
import { PendingReplies } from './pending-replies.ts';

function setUp(max = 2) {
  const timers = new Set<() => void>();
  const sent: number[] = [];
  const pending = new PendingReplies<string>({
    max,
    after: (_delayMs, run) => {
      timers.add(run);
      return () => timers.delete(run);
    },
  });
  const ask = (send = (id: number) => void sent.push(id)) =>
    pending.ask({ timeoutMs: 10, send, errorOf: (cause) => new Error(cause) });
  return { pending, timers, sent, ask };
}

describe('PendingReplies', () => {
  it('gives each request its own reply, whatever their order, and no reply twice', async () => {
    const { pending, timers, sent, ask } = setUp();
    const replies = [ask(), ask()];
    expect(sent).toEqual([1, 2]);
    expect(pending.settle(2, 'second')).toBe(true);
    expect(pending.settle(1, 'first')).toBe(true);
    expect(await Promise.all(replies)).toEqual(['first', 'second']);
    expect(pending.settle(1, 'again')).toBe(false);
    expect(pending.settle(99, 'unknown')).toBe(false);
    expect(timers.size).toBe(0);
  });

  it('rejects one too many, and takes further ones when there is room again', async () => {
    const { pending, ask } = setUp(1);
    const first = ask();
    await expect(ask()).rejects.toThrow('tooMany');
    pending.settle(1, 'done');
    await first;
    const next = ask();
    pending.settle(2, 'done');
    expect(await next).toBe('done');
  });

  it('rejects a request whose time is over; its late reply is dropped', async () => {
    const { pending, timers, ask } = setUp();
    const reply = ask();
    for (const run of [...timers]) run();
    await expect(reply).rejects.toThrow('timeout');
    expect(pending.settle(1, 'late')).toBe(false);
  });

  it('rejects everything that waits when the peer is lost', async () => {
    const { pending, timers, ask } = setUp();
    const replies = [ask(), ask()];
    pending.rejectAll();
    for (const reply of replies) await expect(reply).rejects.toThrow('lost');
    expect(timers.size).toBe(0);
  });

  it('forgets a request that could not be sent', async () => {
    const { timers, ask } = setUp(1);
    const broken = ask(() => {
      throw new Error('too large');
    });
    await expect(broken).rejects.toThrow('too large');
    expect(timers.size).toBe(0);
    expect(ask()).toBeInstanceOf(Promise);
  });
});
