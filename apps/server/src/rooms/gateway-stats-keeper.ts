import { TokenBucket } from '@longreach/kit';
import type { GatewayStats } from '@longreach/protocol';

/** One report a second; two at once, since a network may hold one back until the next. */
const rate = { capacity: 2, perSecond: 1 };

/** The newest report of a machine on itself, and when it came. */
export type KeptGatewayStats = { stats: GatewayStats; receivedUs: number };

/** Keeps the newest report of one machine on itself, and bounds their rate. Pure: time is given, µs. */
export class GatewayStatsKeeper {
  readonly #bucket = new TokenBucket(rate);
  #newest: KeptGatewayStats | undefined;

  /** Undefined while the machine is away, or has not reported. */
  get newest(): KeptGatewayStats | undefined {
    return this.#newest;
  }

  /** Takes a report; false for one that comes too soon, which is dropped. */
  take(stats: GatewayStats, nowUs: number): boolean {
    if (!this.#bucket.take(1, nowUs)) return false;
    this.#newest = { stats, receivedUs: nowUs };
    return true;
  }

  /** The machine is away: what it said is no news any more. */
  forget(): void {
    this.#newest = undefined;
  }
}
