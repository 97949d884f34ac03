import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LegSettings } from './link-settings.ts';
import type { FromNetem, NetemRequest, NetemResult, ToNetem } from './netem-channel.ts';
import type { Direction, RelayCounters, RelayOptions } from './relay.ts';

/** A relay in a process of its own, so that its work and its parent's do not disturb each other. */
export type NetemProcess = {
  /** The port that clients send to. */
  readonly port: number;
  readonly pid: number;
  /** As `Relay.setProfile`; resolves when it holds. */
  setProfile(profile: LegSettings): Promise<void>;
  /** As `Relay.cut`; resolves when it holds. */
  cut(direction?: Direction): Promise<void>;
  /** As `Relay.restore`; resolves when it holds. */
  restore(direction?: Direction): Promise<void>;
  /** A snapshot of the counters. */
  counters(): Promise<RelayCounters>;
  /** Ends the process; resolves when it is gone. */
  close(): Promise<void>;
};

const main = fileURLToPath(new URL('netem-main.ts', import.meta.url));
/** A child that does not go with its channel within this time is killed. */
const endTimeoutMs = 2000;

/** Starts a relay in a process of its own. Rejects as `createRelay` does. */
export async function startNetemProcess(options: RelayOptions): Promise<NetemProcess> {
  const calls = new ChildCalls(
    fork(main, [], { serialization: 'advanced', execArgv: [], stdio: [0, 1, 2, 'ipc'] }),
  );
  try {
    const started = await calls.call({ type: 'start', options });
    if (started.type !== 'started') throw new Error('netem gave an answer to another question');
    return new ChildNetem(calls, started.port);
  } catch (error) {
    await calls.close();
    throw error;
  }
}

class ChildNetem implements NetemProcess {
  readonly port: number;
  readonly pid: number;
  readonly #calls: ChildCalls;

  constructor(calls: ChildCalls, port: number) {
    this.#calls = calls;
    this.port = port;
    this.pid = calls.pid;
  }

  async setProfile(profile: LegSettings): Promise<void> {
    await this.#calls.call({ type: 'setProfile', profile });
  }

  async cut(direction: Direction = 'both'): Promise<void> {
    await this.#calls.call({ type: 'cut', direction });
  }

  async restore(direction: Direction = 'both'): Promise<void> {
    await this.#calls.call({ type: 'restore', direction });
  }

  async counters(): Promise<RelayCounters> {
    const result = await this.#calls.call({ type: 'counters' });
    if (result.type !== 'counters') throw new Error('netem gave an answer to another question');
    return result.counters;
  }

  close(): Promise<void> {
    return this.#calls.close();
  }
}

type PendingCall = { resolve: (result: NetemResult) => void; reject: (error: Error) => void };

/** Requests to the child and their answers. */
class ChildCalls {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  readonly #gone: Promise<void>;
  #nextId = 1;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, result }: FromNetem) => this.#handleResult(id, result));
    this.#gone = new Promise((resolve) => {
      const end = () => {
        for (const { reject } of this.#pending.values()) reject(new Error('netem has ended'));
        this.#pending.clear();
        resolve();
      };
      child.once('exit', end);
      // A child that cannot be started has no exit.
      child.on('error', () => child.pid === undefined && end());
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Rejects when the child says that it failed or when it has gone. */
  call(request: NetemRequest): Promise<NetemResult> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error('netem has ended'));
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      const message: ToNetem = { id, request };
      this.#child.send(message, (error) => error && reject(error));
    });
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), endTimeoutMs);
    await this.#gone;
    clearTimeout(killer);
  }

  #handleResult(id: number, result: NetemResult): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (result.type === 'failed') call?.reject(new Error(result.message));
    else call?.resolve(result);
  }
}
