/** The guard process: the machine's last word on motion. Started by the agent's supervisor, or alone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LongreachError } from '@longreach/kit';
import { destination, pino } from 'pino';
import { machineClock } from '../local/machine-clock.ts';
import { onProcessEnd } from '../local/process-end.ts';
import { readProcessOptions } from '../local/process-options.ts';
import { raisePriority } from '../local/process-priority.ts';
import { readEpoch, writeEpoch } from './epoch-file.ts';
import { type FromGuard, type GuardOptions, parseGuardOptions } from './guard-options.ts';
import { GuardServer } from './guard-server.ts';

/** Log bytes that may wait for a reader; more are dropped, because a full pipe must not hold the guard up. */
const maxLogBytes = 256 * 1024;

process.title = 'longreach-guard';
const logStream = destination({ dest: 1, sync: false, maxLength: maxLogBytes });
const log = pino({ name: 'guard' }, logStream);

process.on('uncaughtException', fail);

try {
  await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  const options = parseGuardOptions(await readProcessOptions());
  log.level = options.logLevel;
  if (!raisePriority('guard')) log.info('no right to a higher priority');
  const server = await startServer(options);
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    server.close().then(() => exit(0), fail);
  };
  // Without its supervisor nobody would start the transport again: the machine stops.
  onProcessEnd(end);
  if (process.channel && !process.connected) end();
  const ready: FromGuard = { type: 'ready' };
  if (process.connected) process.send?.(ready);
  log.info({ runtimeDir: options.runtimeDir }, 'guard ready');
}

async function startServer(options: GuardOptions): Promise<GuardServer> {
  const { epoch, problem } = await readEpoch(options.stateFile, Date.now());
  if (problem) log.warn({ problem, epoch }, 'lease epoch not on disk, continuing from the time');
  return GuardServer.start({
    socketPath: join(options.runtimeDir, 'guard.sock'),
    clock: machineClock,
    log,
    profile: options.profile,
    persistedEpoch: epoch,
    lastRequesterWins: options.lastRequesterWins,
    persistEpoch: (next) => writeEpoch(options.stateFile, next),
    createToken: () => randomBytes(8).toString('hex'),
  });
}

function fail(error: unknown): void {
  const details = error instanceof LongreachError ? error.details : {};
  log.fatal({ err: error, ...details }, 'guard failed');
  exit(1);
}

function exit(code: number): void {
  try {
    logStream.flushSync();
  } catch {
    // Nobody reads the log any more.
  }
  process.exit(code);
}
