import { type ChildProcess, fork } from 'node:child_process';
import { Backoff, Emitter } from '@longreach/kit';
import { machineClock } from '../local/machine-clock.ts';
import type { Log } from '../publish/log.ts';
import { LogForwarder } from './log-forwarder.ts';

/** How one of the machine's processes is started, and started again. */
export type ProcessPlan = {
  name: string;
  /** Its TypeScript module. */
  modulePath: string;
  /** Its first message, asked for anew at every start. */
  options: () => object;
};

/** Events of a supervised process. */
export type SupervisedProcessEvents = {
  /** It said `{ type: 'ready' }`. */
  ready: Record<string, never>;
  messageReceived: unknown;
  exited: { code: number | null; signal: string | null; wasReady: boolean };
};

/** Waits between restarts after the first, which is at once, ms. */
const restart = { firstMs: 100, maxMs: 2000 };
/** A life of at least this length was a good one: the next restart is at once again, ms. */
const goodLifeMs = 3000;
/** Steps of an end: the channel closes; then SIGTERM; then SIGKILL, ms. */
const terminateAfterMs = 1000;
const killAfterMs = 2000;

/** Keeps one process running: starts it again whenever it exits, until it is closed. */
export class SupervisedProcess extends Emitter<SupervisedProcessEvents> {
  readonly name: string;
  readonly #plan: ProcessPlan;
  readonly #log: Log;
  readonly #backoff = new Backoff(restart);
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isRestart = false;
  #starts = 0;
  #startedUs = 0;
  #closing: Promise<void> | undefined;

  constructor(plan: ProcessPlan, log: Log) {
    super();
    this.name = plan.name;
    this.#plan = plan;
    this.#log = log;
  }

  /** Process id of the present one; undefined between an exit and the restart. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** When the present one was started, machine clock, µs. */
  get startedUs(): number {
    return this.#startedUs;
  }

  /** Tells it something after its options; dropped while it does not run. */
  send(message: object): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  /** Starts it; called once. */
  start(): void {
    this.#starts += 1;
    this.#startedUs = machineClock.nowUs();
    const startedMs = performance.now();
    const child = fork(this.#plan.modulePath, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Flags of this process (a test runner's, a debugger's) are not the child's.
      execArgv: [],
    });
    this.#child = child;
    let wasReady = false;
    new LogForwarder(this.name, this.#log).follow(child);
    child.on('message', (message) => {
      if (isReady(message)) {
        wasReady = true;
        this.emit('ready', {});
      }
      this.emit('messageReceived', message);
    });
    child.on('error', (error) => this.#log.error({ process: this.name, error }, 'process error'));
    child.on('exit', (code, signal) => {
      this.#child = undefined;
      this.#handleExit(performance.now() - startedMs);
      this.emit('exited', { code, signal, wasReady });
    });
    if (child.connected) child.send(this.#plan.options(), () => {});
    this.#log.info({ process: this.name, pid: child.pid }, 'process started');
  }

  /** Ends it: closes its channel, then SIGTERM, then SIGKILL, each after a bounded time. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #handleExit(livedMs: number): void {
    if (this.#closing) return;
    if (livedMs >= goodLifeMs) {
      this.#backoff.reset();
      this.#isRestart = false;
    }
    const waitMs = this.#isRestart ? this.#backoff.nextMs() : 0;
    this.#isRestart = true;
    this.#log.warn({ process: this.name, waitMs }, 'process exited, starting it again');
    this.#retry = setTimeout(() => this.start(), waitMs);
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retry);
    const child = this.#child;
    if (!child) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    const timers = [
      setTimeout(() => child.kill('SIGTERM'), terminateAfterMs),
      setTimeout(() => child.kill('SIGKILL'), killAfterMs),
    ];
    await exited;
    for (const timer of timers) clearTimeout(timer);
  }
}

function isReady(message: unknown): boolean {
  return (
    typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready'
  );
}
