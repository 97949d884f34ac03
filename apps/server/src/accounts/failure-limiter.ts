import { TokenBucket } from '@longreach/kit';

/** Addresses remembered at most; the longest unseen makes room. */
const maxAddresses = 10_000;

/**
 * Counts failed logins by address. Whoever has the right secret comes in even when the address is limited:
 * secrets are random, and one bad client behind a shared address must not keep machines out.
 */
export class FailureLimiter {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #burst: number;
  readonly #perMinute: number;

  constructor(options: { burst: number; perMinute: number }) {
    this.#burst = options.burst;
    this.#perMinute = options.perMinute;
  }

  /** Counts one failure and says whether the address is still within its rate. */
  fail(address: string, nowUs: number): boolean {
    const bucket =
      this.#buckets.get(address) ??
      new TokenBucket({ capacity: this.#burst, perSecond: this.#perMinute / 60 });
    // Re-inserted, so that the map's order is that of last use.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > maxAddresses) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.take(1, nowUs);
  }
}
