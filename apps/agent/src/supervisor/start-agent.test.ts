import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeReport, noticeSchemas } from '@longreach/protocol';
import { KeyFrameDetector, payloadEnd, payloadOffset } from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { simulatorConfig } from '../config/simulator-config.ts';
import { silentLog } from '../publish/log.ts';
import { SignalingServer } from '../publish/testing/signaling-server.ts';
import { type RunningAgent, startAgent } from './start-agent.ts';

const workerPort = 48_345;
const mainPath = fileURLToPath(new URL('../main.ts', import.meta.url));
const startTime = { timeout: 15_000, interval: 20 };

let server: SignalingServer;
let agent: RunningAgent | undefined;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = await SignalingServer.listen(workerPort);
  directory = await mkdtemp(join(tmpdir(), 'agent-test-'));
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.close();
  await rm(directory, { recursive: true });
}, 20_000);

function machine(): Record<string, unknown> {
  const [deviceId, deviceName, password] = ['truck-1', 'Truck 1', 'key'];
  return simulatorConfig({ deviceId, deviceName, password, serverUrl: server.url });
}

async function start(): Promise<RunningAgent> {
  agent = await startAgent({ config: parseConfig(machine()).config, log: silentLog });
  return agent;
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function state() {
  const report = decodeReport(server.worker?.reports.at(-1) ?? Buffer.alloc(0));
  return report?.kind === 'state' ? report : undefined;
}

/** The machine's newest report on itself. */
function newestStats() {
  const [newest] = server.bodies('gatewayStats').slice(-1);
  return newest === undefined ? undefined : noticeSchemas.gatewayStats.parse(newest).stats;
}

/** Whether a key frame of this m-line arrived at the newest worker connection. */
function hasKeyFrame(mid: string): boolean {
  const detector = new KeyFrameDetector();
  const ssrc = server.worker?.media.find((media) => media.mid === mid)?.ssrcs[0] ?? 0;
  return (server.worker?.rtpOf(ssrc) ?? []).some((packet) =>
    detector.detect(packet, payloadOffset(packet), payloadEnd(packet)),
  );
}

function run(args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [mainPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: directory, TMPDIR: directory },
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  return { child, output: () => text };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

test('a simulated machine comes up whole: pictures on invite, reports with vehicle and guard; it closes without a trace', async () => {
  const { runtimeDir, pids, close } = await start();
  expect((await stat(runtimeDir)).mode & 0o777).toBe(0o700);
  const all = Object.values(pids());
  expect(all.map(isAlive)).toEqual([true, true, true, true]);
  await expect.poll(() => server.bodies('leaseChanged').length, startTime).toBeGreaterThan(0);
  await expect.poll(() => state()?.speedMps, startTime).toBe(0);
  expect(state()?.guardMode).toBe('stopped');
  for (const streamId of [0, 3]) {
    await server.ask('invite', { streamId, mediaType: 'video', active: true });
  }
  await expect.poll(() => hasKeyFrame('0') && hasKeyFrame('3'), startTime).toBe(true);
  expect(hasKeyFrame('1')).toBe(false);
  const watched = { name: expect.any(String), cpuCores: expect.any(Number) };
  await expect
    .poll(() => newestStats()?.machine?.processes.map(({ name }) => name), startTime)
    .toEqual(['guard', 'vehicle', 'media', 'transport', 'agent']);
  await expect.poll(() => newestStats()?.streams[3]?.capture?.fps, startTime).toBeGreaterThan(0);
  const { machine, streams } = newestStats() ?? {};
  expect(machine?.processes).toContainEqual({
    ...{ ...watched, name: 'media', restarts: 0, uptimeS: expect.any(Number) },
    ...{ rssBytes: expect.any(Number), loopBusyShare: expect.any(Number) },
  });
  expect(machine?.memoryTotalBytes).toBeGreaterThan(machine?.memoryAvailableBytes ?? 0);
  expect(streams?.map(({ encodings }) => encodings.length)).toEqual([1, 0, 0, 1]);
  await close();
  await close();
  expect(all.map(isAlive)).toEqual([false, false, false, false]);
  expect(existsSync(runtimeDir)).toBe(false);
  await expect.poll(() => server.bodies('logout')).toHaveLength(1);
}, 60_000);

test('every killed process comes back, and the session with its pictures goes on', async () => {
  const { pids } = await start();
  await expect.poll(() => state()?.speedMps, startTime).toBe(0);
  const invite = { streamId: 0, mediaType: 'video', active: true };
  await server.ask('invite', invite);
  await expect.poll(() => hasKeyFrame('0'), startTime).toBe(true);
  const before = pids();
  for (const pid of Object.values(before)) process.kill(pid as number, 'SIGKILL');
  const names = Object.keys(before) as Array<keyof typeof before>;
  for (const name of names) {
    await expect
      .poll(() => isAlive(pids()[name]) && pids()[name] !== before[name], startTime)
      .toBe(true);
  }
  await expect.poll(() => server.bodies('resume').length, startTime).toBeGreaterThan(0);
  await expect.poll(() => server.workers.length, startTime).toBeGreaterThan(1);
  await expect.poll(() => state()?.speedMps, startTime).toBe(0);
  await server.ask('invite', invite);
  await expect.poll(() => hasKeyFrame('0'), startTime).toBe(true);
}, 90_000);

test('the command: a broken configuration is one line and exit code 2', async () => {
  const path = join(directory, 'config.json');
  await writeFile(path, JSON.stringify({ ...machine(), nonsense: 1 }));
  const { child, output } = run(['--config', path]);
  expect(await exitOf(child)).toBe(2);
  expect(output()).toMatch(/^agent: .*nonsense.*\n$/);
}, 30_000);

test('the command: SIGTERM ends all processes, and so does the death of the supervisor', async () => {
  const path = join(directory, 'config.json');
  await writeFile(path, JSON.stringify({ ...machine(), log_enable: 1 }));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { child, output } = run(['--config', path]);
    await expect.poll(output, startTime).toContain('agent ready');
    const started = output()
      .split('\n')
      .filter((line) => line.includes('process started'));
    const pids = started.map((line) => (JSON.parse(line) as { pid: number }).pid);
    expect(pids).toHaveLength(4);
    const exited = exitOf(child);
    child.kill(signal);
    expect(await exited).toBe(signal === 'SIGTERM' ? 0 : null);
    await expect.poll(() => pids.some(isAlive), startTime).toBe(false);
    expect(output()).not.toContain('"key"');
  }
}, 90_000);
