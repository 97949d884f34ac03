import {
  type DelayCounts,
  DelayHistogram,
  delayQuantileUs,
  delaysSince,
  noDelays,
} from './delay-histogram.ts';
import type { WorkerLoad } from './worker-channel.ts';

/** What a process is seen to do between two looks. */
export type ProcessLoad = Omit<WorkerLoad, 'pid' | 'forwardDelay' | 'forwardDelayP99Ms'>;

/**
 * How busy a process is: how late its event loop comes to a periodic call, and its CPU time. Pure: time is given, µs.
 * Not `monitorEventLoopDelay` of `perf_hooks`: that one does not see what happens while it is reset.
 */
export class LoadMeter {
  readonly #periodUs: number;
  readonly #delays = new DelayHistogram();
  #tickedUs: number | undefined;
  #taken: { delays: DelayCounts; cpuUs: number; nowUs: number };

  /** `periodUs`: of the calls of `handleTick`. `cpuUs`: CPU time of the process so far. */
  constructor(options: { periodUs: number; cpuUs: number; nowUs: number }) {
    this.#periodUs = options.periodUs;
    this.#taken = { delays: noDelays(), cpuUs: options.cpuUs, nowUs: options.nowUs };
  }

  /** The periodic call has come. */
  handleTick(nowUs: number): void {
    const dueUs = (this.#tickedUs ?? nowUs - this.#periodUs) + this.#periodUs;
    this.#delays.note(Math.max(0, nowUs - dueUs));
    this.#tickedUs = nowUs;
  }

  /** The load since the last `take`. `cpuUs`: CPU time of the process so far. */
  take(cpuUs: number, nowUs: number): ProcessLoad {
    const before = this.#taken;
    const delays = this.#delays.counts();
    this.#taken = { delays, cpuUs, nowUs };
    const p99Us = delayQuantileUs(delaysSince(before.delays, delays), 0.99) ?? 0;
    return {
      eventLoopDelayP99Ms: p99Us / 1_000,
      cpuShare: (cpuUs - before.cpuUs) / Math.max(1, nowUs - before.nowUs),
      cpuUs,
      eventLoopDelay: delays,
    };
  }
}

/** CPU time of this process so far, all its threads, µs. */
export function processCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
