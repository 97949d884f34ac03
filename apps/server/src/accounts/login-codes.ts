import { createHash, randomBytes } from 'node:crypto';
import type { DeviceId } from '@longreach/protocol';

/** Codes that wait at most; the oldest makes room. */
const maxCodes = 1_000;

/** One-time login codes: each is good for one login of one remote device, for a while. */
export class LoginCodes {
  // Keyed by digest, so that looking one up tells nothing about another by its time.
  readonly #codes = new Map<string, { deviceId: DeviceId; expiresUs: number }>();
  readonly #lifeUs: number;

  constructor(options: { lifeS: number }) {
    this.#lifeUs = options.lifeS * 1_000_000;
  }

  /** Makes a code of 128 random bits. */
  create(deviceId: DeviceId, nowUs: number): string {
    const code = randomBytes(16).toString('base64url');
    if (this.#codes.size >= maxCodes) this.#dropOldest();
    this.#codes.set(digestOf(code), { deviceId, expiresUs: nowUs + this.#lifeUs });
    return code;
  }

  /** Takes a code: whose it is, or undefined when unknown, used or too old. */
  redeem(code: string, nowUs: number): DeviceId | undefined {
    const digest = digestOf(code);
    const entry = this.#codes.get(digest);
    this.#codes.delete(digest);
    return entry && entry.expiresUs > nowUs ? entry.deviceId : undefined;
  }

  #dropOldest(): void {
    const [oldest] = this.#codes.keys();
    if (oldest !== undefined) this.#codes.delete(oldest);
  }
}

function digestOf(code: string): string {
  return createHash('sha256').update(code, 'utf8').digest('base64');
}
