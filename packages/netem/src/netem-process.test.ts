import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { type NetemProcess, startNetemProcess } from './netem-process.ts';
import { profileOf } from './profiles.ts';

/** Generous: the machine may be busy. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, 10_000);

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function startToTarget() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  opened.push(() => socket.close());
  await once(socket, 'listening');
  const received: string[] = [];
  socket.on('message', (packet) => received.push(packet.toString()));
  const to = { address: '127.0.0.1', port: socket.address().port };
  const netem = await startNetemProcess({ to, profile: profileOf('clean', { roundTripMs: 4 }) });
  opened.push(() => netem.close());
  return { netem, received, send: (text: string) => socket.send(text, netem.port, '127.0.0.1') };
}

function isAlive({ pid }: NetemProcess): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('carries packets in a process of its own, is changed and asked while it runs, and ends', async () => {
  const { netem, received, send } = await startToTarget();
  send('a');
  await soon(() => expect(received).toEqual(['a']));
  await netem.cut('toTarget');
  send('b');
  await soon(async () => expect((await netem.counters()).toTarget.droppedPackets.cut).toBe(1));
  await netem.restore();
  await netem.setProfile(profileOf('jitter', { roundTripMs: 0 }));
  send('c');
  await soon(() => expect(received).toEqual(['a', 'c']));
  expect(isAlive(netem)).toBe(true);
  await Promise.all([netem.close(), netem.close()]);
  expect(isAlive(netem)).toBe(false);
  await expect(netem.counters()).rejects.toThrow('netem has ended');
});

it('says what is wrong with its options and leaves no process', async () => {
  const to = { address: '127.0.0.1', port: 9 };
  await expect(startNetemProcess({ to: { ...to, address: 'nowhere' } })).rejects.toThrow(
    'nowhere is no IP address',
  );
  const wrong = { toTarget: { delayMs: -1 }, toFlow: {} };
  await expect(startNetemProcess({ to, profile: wrong })).rejects.toThrow('delayMs must be');
});

it('tells who waits for an answer when the process dies', async () => {
  const { netem } = await startToTarget();
  process.kill(netem.pid, 'SIGKILL');
  await soon(() => expect(netem.counters()).rejects.toThrow('netem has ended'));
  await netem.close();
});
