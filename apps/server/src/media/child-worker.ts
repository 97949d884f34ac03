import { type ChildProcess, fork } from 'node:child_process';
import { NetworkErrorCode } from '@longreach/protocol';
import { PeerRequests } from '../peer-requests.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-channel.ts';

type Reply = FromWorker & { type: 'reply' };
/** A request without its id, which the channel gives. */
export type WorkerRequest = DistributiveOmit<
  ToWorker & { type: 'offer' | 'subscribe' | 'unsubscribe' },
  'id'
>;
type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

/** What a worker tells of itself and its rooms. */
export type WorkerStats = FromWorker & { type: 'stats' };

/** What a worker process tells its owner. */
export type ChildWorkerHandlers = {
  onReady: () => void;
  /** Demands and connection states. */
  onMessage: (message: FromWorker & { type: 'demand' | 'connectionState' }) => void;
  /** Once a second. */
  onStats: (message: WorkerStats) => void;
  /** Once, when the process is gone, whatever the reason. */
  onExit: (reason: string) => void;
};

/** Requests that may wait for one worker. */
const maxPending = 1_000;
/** A worker that does not leave by itself when its channel closes is killed after this. */
const exitTimeoutMs = 1_500;

/** One media worker process and its channel. */
export class ChildWorker {
  readonly #child: ChildProcess;
  readonly #pending: PeerRequests<Reply>;
  readonly #handlers: ChildWorkerHandlers;
  readonly #exited: Promise<void>;
  #stats: WorkerStats | undefined;
  #isReady = false;
  #isGone = false;

  constructor(
    script: string,
    options: WorkerOptions,
    replyMs: number,
    handlers: ChildWorkerHandlers,
  ) {
    this.#handlers = handlers;
    this.#pending = new PeerRequests({
      timeoutMs: replyMs,
      max: maxPending,
      code: NetworkErrorCode.MediaServerException,
      peer: 'the media worker',
      // It hangs: a new one helps all its rooms.
      onTimeout: () => this.#child.kill('SIGKILL'),
    });
    this.#child = fork(script, [], {
      execPath: process.execPath,
      execArgv: [],
      serialization: 'advanced',
      // Our own standard output carries the ready line: the worker's goes to standard error.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#exited = new Promise((resolve) => {
      const leave = (reason: string) => {
        this.#handleGone(reason);
        resolve();
      };
      this.#child.once('exit', (code, signal) => leave(`exit ${signal ?? code}`));
      // Without a process there is no exit either.
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) leave(error.message);
      });
    });
    this.#child.on('message', (message) => this.#handleMessage(message as FromWorker));
    this.post({ type: 'start', options });
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isGone;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The newest; undefined in the first second. */
  get stats(): WorkerStats | undefined {
    return this.#stats;
  }

  /** Sends a message that has no reply. */
  post(message: ToWorker): void {
    if (this.#isGone || !this.#child.connected) return;
    // The callback takes the error of a channel that closes under us; `exit` tells the rest.
    this.#child.send(message, () => {});
  }

  /** Sends a request; rejects with MediaServerException when no reply comes. */
  ask(request: WorkerRequest): Promise<Reply> {
    return this.#pending.ask((id) => this.post({ ...request, id }));
  }

  /** Closes the channel, at which the worker exits, and waits for it; idempotent. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), exitTimeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #handleMessage(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#handlers.onReady();
        break;
      case 'reply':
        this.#pending.settle(message.id, message);
        break;
      case 'stats':
        // What was still in the channel when the process ended: its counters have been settled.
        if (this.#isGone) break;
        this.#stats = message;
        this.#handlers.onStats(message);
        break;
      default:
        this.#handlers.onMessage(message);
    }
  }

  #handleGone(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#pending.lose('the media worker was lost');
    this.#handlers.onExit(reason);
  }
}
