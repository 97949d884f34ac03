import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Log } from '../publish/log.ts';
import { AgentProcesses } from './agent-processes.ts';
import { SupervisedProcess } from './supervised-process.ts';

const modulePath = fileURLToPath(new URL('testing/fixture-main.ts', import.meta.url));
type Entry = { level: string; fields: object; message: string };

let entries: Entry[] = [];
const open: Array<{ close(): Promise<void> }> = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  entries = [];
});

const record = (level: string) => (fields: object, message: string) => {
  entries.push({ level, fields, message });
};
const log: Log = {
  debug: record('debug'),
  info: record('info'),
  warn: record('warn'),
  error: record('error'),
};

function launch(mode: string): SupervisedProcess {
  const launched = new SupervisedProcess(
    { name: 'one', modulePath, options: () => ({ mode }) },
    log,
  );
  open.push(launched);
  launched.start();
  return launched;
}

function ready(target: SupervisedProcess): Promise<void> {
  return new Promise((resolve) => {
    const stop = target.on('ready', () => {
      stop();
      resolve();
    });
  });
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a killed process is started again at once, with its options', async () => {
  const target = launch('good');
  await ready(target);
  const first = target.pid;
  const again = ready(target);
  process.kill(first as number, 'SIGKILL');
  await expect
    .poll(() => target.pid !== undefined && target.pid !== first, { interval: 5 })
    .toBe(true);
  await again;
  expect(isAlive(first)).toBe(false);
  expect(entries).toContainEqual(
    expect.objectContaining({ level: 'warn', fields: { process: 'one', waitMs: 0 } }),
  );
});

test('structured lines keep their level and fields, other text becomes a warning', async () => {
  await ready(launch('good'));
  await expect
    .poll(() => entries)
    .toContainEqual({ level: 'info', fields: { mode: 'good', process: 'one' }, message: 'hello' });
  await expect
    .poll(() => entries)
    .toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { process: 'one', text: 'plain text' } }),
    );
});

test('closing ends a process that obeys, and after a bounded time one that does not; nothing is started again', async () => {
  const targets = [launch('good'), launch('stubborn')];
  await Promise.all(targets.map(ready));
  const pids = targets.map((target) => target.pid);
  await Promise.all(targets.map((target) => target.close()));
  await Promise.all(targets.map((target) => target.close()));
  expect(pids.map(isAlive)).toEqual([false, false]);
  expect(targets.map((target) => target.pid)).toEqual([undefined, undefined]);
});

test('a process that never gets ready fails the start with its name', async () => {
  const plans = [{ name: 'two', modulePath, options: () => ({ mode: 'broken' }) }];
  const processes = new AgentProcesses(plans, log);
  open.push(processes);
  await expect(processes.start()).rejects.toThrow('the two process ends right after its start');
});
