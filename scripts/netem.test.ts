import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rootFolder } from './run-command.ts';

const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of running) {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  running.clear();
});

function run(...args: string[]) {
  const child = spawn(process.execPath, ['scripts/netem.ts', ...args], { cwd: rootFolder });
  running.add(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { child, said, ended: once(child, 'close').then(([code]) => code as number) };
}

const ends = ['--listen', '127.0.0.1:0', '--to', '127.0.0.1:9'];

describe('npm run netem', () => {
  it('carries packets, prints its counters and ends when it is told to', async () => {
    const target = createSocket('udp4').bind(0, '127.0.0.1');
    try {
      await once(target, 'listening');
      const received: string[] = [];
      target.on('message', (packet) => received.push(packet.toString()));
      const to = `127.0.0.1:${target.address().port}`;
      const { child, said, ended } = run('--listen', '127.0.0.1:0', '--to', to, '--rtt', '4');
      await vi.waitFor(() => expect(said.out).toMatch(/^127\.0\.0\.1:\d+ -> /), 10_000);
      const port = Number(/:(\d+) ->/.exec(said.out)?.[1]);
      target.send('hello', port, '127.0.0.1');
      await vi.waitFor(() => expect(received).toEqual(['hello']));
      await vi.waitFor(() => expect(said.out).toContain('toTarget in 1 '), 5000);
      child.kill('SIGINT');
      expect(await ended).toBe(0);
    } finally {
      target.close();
    }
  });

  it.each([
    [['--to', '127.0.0.1:9'], '--listen is missing'],
    [['--listen', 'localhost:1', '--to', '127.0.0.1:9'], '--listen must be'],
    [[...ends, '--profile', 'bad'], '--profile must be one of clean, loss10'],
    [[...ends, '--seed', 'x'], '--seed must be'],
    [[...ends, '--rtt', '-4'], '--rtt'],
    [[...ends, '--rtt=-4'], '--rtt must be'],
    [[...ends, '--trace', '/nowhere'], 'nowhere'],
    [[...ends, '--colour'], '--colour'],
  ])('%j: one line and code 2', async (args, complaint) => {
    const { said, ended } = run(...args);
    expect(await ended).toBe(2);
    expect(said.err).toContain(complaint);
    expect(said.err.trimEnd().split('\n')).toHaveLength(1);
    expect(said.out).toBe('');
  });
});
