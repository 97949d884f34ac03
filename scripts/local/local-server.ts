import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerConfigInput } from '@longreach/server';

const serverMain = fileURLToPath(import.meta.resolve('@longreach/server/main'));
/** Ports for media are free or not by the moment: a start that meets a taken one is tried on others, so often. */
const startTimeoutMs = 20_000;

/** A server as a process of its own, which can be killed and started again with the same configuration. */
export type LocalServer = {
  readonly url: string;
  readonly port: number;
  /** Process id, undefined while it is down. */
  pid(): number | undefined;
  /** Process ids of its media workers. */
  workerPids(): Promise<number[]>;
  createLoginCode(deviceId: string): Promise<string>;
  /** Ends the process without warning; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same ports. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

/** Starts the server; rejects with its one clear line when it cannot. `onLog` is given what it logs, as it comes. */
export async function startLocalServer(
  config: Omit<ServerConfigInput, 'signingSecret'>,
  onLog: (text: string) => void = () => {},
): Promise<LocalServer> {
  // The configuration holds the signing secret: only this user may enter the folder.
  const folder = await mkdtemp(join(tmpdir(), 'longreach-server-'));
  const path = join(folder, 'server.json');
  const signingSecret = randomBytes(32).toString('hex');
  await writeFile(path, JSON.stringify({ ...config, signingSecret }), { mode: 0o600 });
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  let running: Running;
  try {
    running = await start(path, onLog);
  } catch (error) {
    await removeFolder();
    throw error;
  }
  const { url, port } = running;
  // A restart must find the same port, also when any free one was asked for.
  await writeFile(
    path,
    JSON.stringify({ ...config, http: { ...config.http, port }, signingSecret }),
    { mode: 0o600 },
  );
  return {
    url,
    port,
    pid: () => (running.child.exitCode === null ? running.child.pid : undefined),
    workerPids: () => childPids(running.child.pid as number),
    createLoginCode: (deviceId) => createLoginCode(running.child, deviceId),
    kill: () => end(running.child, 'SIGKILL'),
    restart: async () => {
      running = await start(path, onLog);
    },
    close: async () => {
      await end(running.child, 'SIGTERM');
      await removeFolder();
    },
  };
}

type Running = { child: ChildProcess; url: string; port: number };

function start(configPath: string, onLog: (text: string) => void): Promise<Running> {
  const child = fork(serverMain, [configPath], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
    onLog(String(chunk));
    if (process.env.LONGREACH_LOG) process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('the server did not start in time'));
    }, startTimeoutMs);
    child.once('message', (message: { type: string; url: string; port: number }) => {
      clearTimeout(timer);
      resolve({ child, url: message.url, port: message.port });
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(said.trim().split('\n').at(-1) || 'the server ended during its start'));
    });
  });
}

let nextId = 1;

function createLoginCode(child: ChildProcess, deviceId: string): Promise<string> {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    const listen = (message: { type: string; id: number; code?: string; message?: string }) => {
      if (message.id !== id) return;
      child.off('message', listen);
      if (message.code === undefined) reject(new Error(message.message));
      else resolve(message.code);
    };
    child.on('message', listen);
    child.send({ type: 'createLoginCode', id, deviceId }, (error) => {
      if (error) reject(new Error('the server is gone'));
    });
  });
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** Process ids of a process's children, by proc(5). */
async function childPids(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
