import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import type { Log } from '../publish/log.ts';
import type { WatchedProcess } from './machine-watch.ts';
import { type ProcessPlan, SupervisedProcess } from './supervised-process.ts';

/** Time for the processes to say that they are ready, ms. */
const readyTimeoutMs = 20_000;
/** Ends of a process before it was ever ready, after which the start has failed. */
const maxFailedStarts = 3;

/** All processes of one machine, by name. */
export class AgentProcesses {
  readonly #processes: SupervisedProcess[];
  #closing: Promise<void> | undefined;

  constructor(plans: ProcessPlan[], log: Log) {
    this.#processes = plans.map((plan) => new SupervisedProcess(plan, log));
  }

  /** Starts all at once; resolves when every one has said that it is ready, rejects when one cannot be. */
  async start(): Promise<void> {
    const ready = this.#processes.map((process) => awaitReady(process));
    for (const process of this.#processes) process.start();
    await Promise.all(ready);
  }

  find(name: string): SupervisedProcess | undefined {
    return this.#processes.find((process) => process.name === name);
  }

  /** Those that run now. */
  running(): WatchedProcess[] {
    return this.#processes.flatMap(({ name, pid, startedUs, restarts }) =>
      pid === undefined ? [] : [{ name, pid, startedUs, restarts }],
    );
  }

  /** Ends all of them. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#processes.map((process) => process.close())).then(() => {});
    return this.#closing;
  }
}

function awaitReady(process: SupervisedProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let failures = 0;
    const fail = (problem: string) => finish(() => reject(startFailed(process.name, problem)));
    const timer = setTimeout(() => fail('is not ready in time'), readyTimeoutMs);
    const stops = [
      process.on('ready', () => finish(resolve)),
      process.on('exited', () => {
        failures += 1;
        if (failures >= maxFailedStarts) fail('ends right after its start');
      }),
    ];
    function finish(settle: () => void): void {
      clearTimeout(timer);
      for (const stop of stops) stop();
      settle();
    }
  });
}

function startFailed(name: string, problem: string): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, `the ${name} process ${problem}`);
}
