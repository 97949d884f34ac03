import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from './testing/test-server.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let dir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'longreach-main-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

function start(config: object) {
  const path = join(dir, 'server.json');
  writeFileSync(path, JSON.stringify(config));
  const child = fork(main, [path], { silent: true, execArgv: [] });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  return { child, exited: once(child, 'close'), stdout: () => stdout, stderr: () => stderr };
}

async function readyMessage(child: ChildProcess): Promise<{ type: string; port: number }> {
  const [message] = await once(child, 'message');
  return message as { type: string; port: number };
}

describe('main', () => {
  it('tells its parent when it is ready, makes login codes, and ends with SIGTERM', async () => {
    const server = start(testConfig({ logLevel: 'silent' }));
    const { type, port } = await readyMessage(server.child);
    expect(type).toBe('ready');
    server.child.send({ type: 'createLoginCode', id: 1, deviceId: 'visitor' });
    const [answer] = await once(server.child, 'message');
    expect(answer).toMatchObject({ type: 'loginCode', id: 1, code: expect.any(String) });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.exited).toEqual([0, null]);
    expect(JSON.parse(server.stdout())).toMatchObject({ type: 'ready', port });
    expect(server.stderr()).toBe('');
  });

  it('ends when its parent is gone', async () => {
    const server = start(testConfig({ logLevel: 'silent' }));
    await readyMessage(server.child);
    // Not `close`: that event does not come any more once the parent has dropped the channel.
    const exited = once(server.child, 'exit');
    server.child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('a broken configuration is one clear line and a non-zero exit', async () => {
    const server = start({ ...testConfig(), http: { prot: 1 } });
    expect(await server.exited).toEqual([1, null]);
    expect(server.stderr()).toBe('longreach server: configuration: http.prot: unknown key\n');
  });

  it('a taken port is one clear line and a non-zero exit', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const server = start({ ...testConfig({ logLevel: 'silent' }), http: { port } });
      expect(await server.exited).toEqual([1, null]);
      expect(server.stderr()).toBe(`longreach server: 127.0.0.1:${port} is already in use\n`);
    } finally {
      other.close();
    }
  });
});
