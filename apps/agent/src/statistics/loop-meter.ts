import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { rounded } from './rounded.ts';

/** How much of its time this process's event loop is at work; near 1 it is overloaded. */
export class LoopMeter {
  #before: EventLoopUtilization = performance.eventLoopUtilization();

  /** The share since the last call, 0 to 1. */
  take(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    return Number.isFinite(utilization) ? rounded(Math.max(0, Math.min(1, utilization)), 3) : 0;
  }
}
