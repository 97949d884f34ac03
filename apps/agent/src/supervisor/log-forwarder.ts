import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { TokenBucket } from '@longreach/kit';
import { machineClock } from '../local/machine-clock.ts';
import type { Log } from '../publish/log.ts';

/** Longest line that is kept, characters; the rest of it is cut off. */
const maxLineLength = 8192;
/** Lines a second of one process, and how many at once: a process in despair must not fill the disk. */
const lineLimits = { capacity: 500, perSecond: 100 };
/** Numbers that structured logs write for levels. */
const levels = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'error' } as const;

/** Passes on what a child process writes: structured lines as they are, other text as warnings. */
export class LogForwarder {
  readonly #name: string;
  readonly #log: Log;
  readonly #bucket = new TokenBucket(lineLimits);

  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
  }

  /** Reads both outputs of `child` until they end. */
  follow(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#readLines(stream);
  }

  #readLines(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(0, maxLineLength);
      for (const line of lines) this.#forward(line.slice(0, maxLineLength));
    });
    stream.on('end', () => this.#forward(rest));
    stream.on('error', () => {});
  }

  #forward(line: string): void {
    if (line.trim() === '' || !this.#bucket.take(1, machineClock.nowUs())) return;
    const entry = readEntry(line);
    if (!entry) {
      this.#log.warn({ process: this.#name, text: line }, 'process wrote');
      return;
    }
    const { level, msg, time: _time, pid: _pid, hostname: _hostname, ...fields } = entry;
    const method = levels[level as keyof typeof levels] ?? 'debug';
    const message = typeof msg === 'string' ? msg : '';
    this.#log[method]({ ...fields, process: this.#name }, message);
  }
}

function readEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const isEntry = typeof value === 'object' && value !== null && 'level' in value;
    return isEntry ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
