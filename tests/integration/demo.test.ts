import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLocalServer } from '../../scripts/local/local-server.ts';
import { freeUdpPort } from '../../scripts/local/local-system.ts';
import { eventually } from '../support/eventually.ts';
import { descendantsOf, isRunning } from '../support/process-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const urlPattern = /http:\/\/127\.0\.0\.1:(\d+)\/#code=([\w-]+)/;
/** Building the page comes on top of the start. */
const testMs = 90_000;
const startMs = 60_000;

type Demo = { child: ChildProcess; exit: Promise<unknown[]>; stdout(): string; stderr(): string };

let demos: Demo[] = [];
/** Temporary folder of the demo under test: nothing may be left in it. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(async () => {
  for (const { child, exit } of demos) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    await exit;
  }
  demos = [];
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it in a process group of its own, as a terminal does. */
function start(program: string, args: string[]): Demo {
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const demo = { child, exit: once(child, 'close'), stdout: () => stdout, stderr: () => stderr };
  demos.push(demo);
  return demo;
}

async function startDemo(): Promise<Demo> {
  const [port, mediaPort] = [await freeTcpPort(), await freeUdpPort()];
  return start(process.execPath, [
    ...['scripts/demo.ts', '--port', String(port), '--media-port', String(mediaPort)],
  ]);
}

async function untilUp(demo: Demo): Promise<RegExpMatchArray> {
  return eventually('an address', () => demo.stdout().match(urlPattern) ?? undefined, {
    timeoutMs: startMs,
  });
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Folders of the demo: those of compilers that cache there are not its own. */
function leftovers(): string[] {
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => name.startsWith('longreach'))
    : [];
}

/** One clear line and a non-zero exit, with nothing left behind. */
async function expectRefused(demo: Demo, reason: RegExp): Promise<void> {
  const [code] = await demo.exit;
  expect(code).toBe(1);
  expect(demo.stderr()).toMatch(/^demo: [^\n]+\n$/);
  expect(demo.stderr()).toMatch(reason);
  expect(demo.stdout()).toBe('');
  expect(leftovers()).toEqual([]);
}

test('it prints one address whose code works once; Ctrl-C leaves nothing behind', {
  timeout: testMs,
}, async () => {
  const demo = await startDemo();
  const [address, port, code] = await untilUp(demo);
  expect(demo.stdout().match(new RegExp(urlPattern, 'g'))).toEqual([address]);
  expect((await fetch(address)).headers.get('content-type')).toContain('text/html');
  const logIn = async () => {
    const body = JSON.stringify({ code });
    const headers = { 'content-type': 'application/json' };
    const api = `http://127.0.0.1:${port}/api/login`;
    return (await fetch(api, { method: 'POST', headers, body })).ok;
  };
  expect([await logIn(), await logIn()]).toEqual([true, false]);

  const processes = descendantsOf(demo.child.pid as number);
  // Server, media worker, guard, vehicle, media process, transport.
  expect(processes.length).toBeGreaterThanOrEqual(6);
  // A terminal's Ctrl-C goes to every process of the group.
  process.kill(-(demo.child.pid as number), 'SIGINT');
  expect(await demo.exit).toEqual([0, null]);
  expect(processes.filter(isRunning)).toEqual([]);
  expect(demo.stderr()).toBe('');
  expect(leftovers()).toEqual([]);
});

test('an interrupt of the demo’s own process, or its sudden death, ends all of its processes', {
  timeout: testMs,
}, async () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const demo = await startDemo();
    await untilUp(demo);
    const processes = descendantsOf(demo.child.pid as number);
    demo.child.kill(signal);
    await demo.exit;
    await eventually(`no process after ${signal}`, () => !processes.some(isRunning));
  }
});

test('an interrupt during the start leaves nothing behind either', {
  timeout: testMs,
}, async () => {
  const demo = await startDemo();
  const pid = demo.child.pid as number;
  const processes = await eventually(
    'some processes',
    () => {
      const found = descendantsOf(pid);
      return found.length >= 3 && found;
    },
    { timeoutMs: startMs, intervalMs: 5 },
  );
  process.kill(-pid, 'SIGINT');
  await demo.exit;
  await eventually('no process', () => !processes.some(isRunning));
  expect(leftovers()).toEqual([]);
});

test('a taken port is one clear line and a non-zero exit', { timeout: testMs }, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const args = ['scripts/demo.ts', '--port', String(port)];
  const demo = start(process.execPath, [...args, '--media-port', String(await freeUdpPort())]);
  await expectRefused(demo, new RegExp(`${port} is already in use`));
  server.close();
});

test('a taken media port is one clear line and a non-zero exit', { timeout: testMs }, async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const args = ['scripts/demo.ts', '--port', String(await freeTcpPort())];
  await expectRefused(start(process.execPath, [...args, '--media-port', String(port)]), /in use/);
  socket.close();
});

test('options that cannot be used are one clear line and a non-zero exit', {
  timeout: testMs,
}, async () => {
  const cases: Array<[string[], RegExp]> = [
    [['--port', 'eighty'], /--port must be a port number/],
    [['--media-port', '70000'], /--media-port must be a port number/],
    [['--prot', '1'], /prot/],
  ];
  for (const [args, reason] of cases) {
    await expectRefused(start(process.execPath, ['scripts/demo.ts', ...args]), reason);
  }
});

test('a server that cannot use its configuration says so in one clear line', async () => {
  const config = { http: { prot: 1 } };
  await expect(startLocalServer(config as never)).rejects.toThrow(
    /^longreach server: configuration: http\.prot: unknown key$/,
  );
});

test('npm run demo is the same', { timeout: testMs }, async () => {
  const [port, mediaPort] = [await freeTcpPort(), await freeUdpPort()];
  const args = ['run', 'demo', '--', '--port', String(port), '--media-port', String(mediaPort)];
  const demo = start('npm', args);
  await untilUp(demo);
  const processes = descendantsOf(demo.child.pid as number);
  process.kill(-(demo.child.pid as number), 'SIGINT');
  await demo.exit;
  await eventually('no process', () => !processes.some(isRunning));
  expect(leftovers()).toEqual([]);
});
