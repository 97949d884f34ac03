import type { Clock } from '@longreach/kit';
import { LongreachError } from '@longreach/kit';
import { type DeviceId, deviceIdSchema, NetworkErrorCode } from '@longreach/protocol';
import type { ServerConfig } from '../config/server-config.ts';
import { DeviceKeys } from './device-keys.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { LoginCodes } from './login-codes.ts';
import { type ResumeClaim, Tokens } from './tokens.ts';

/** What a peer shows to log in. */
export type Credentials = {
  role: 'field' | 'remote';
  deviceId: DeviceId;
  secret: string;
  /** Network address of the peer. */
  address: string;
};

/** What was shown when a login failed: a key or login token, a one-time code, a resume token. */
export type LoginKind = 'secret' | 'code' | 'resume';

/** Who may come in: device keys, login codes, login and resume tokens, and the rate of failures. */
export class Accounts {
  readonly devices: DeviceKeys;
  /** Since the start. */
  readonly failedLogins: Record<LoginKind, number> = { secret: 0, code: 0, resume: 0 };
  readonly #codes: LoginCodes;
  readonly #tokens: Tokens;
  readonly #failures: FailureLimiter;
  readonly #clock: Clock;

  constructor(config: ServerConfig, clock: Clock) {
    this.#clock = clock;
    this.devices = new DeviceKeys(config.devices);
    this.#codes = new LoginCodes({ lifeS: config.timings.loginCodeS });
    this.#tokens = new Tokens({
      secret: config.signingSecret,
      loginLifeS: config.timings.loginTokenS,
    });
    this.#failures = new FailureLimiter({
      burst: config.limits.failedLoginBurst,
      perMinute: config.limits.failedLoginsPerMinute,
    });
  }

  /** Makes a one-time code for a remote device. Throws InvalidParameters for an id that is none or a field device's. */
  createLoginCode(deviceId: string): string {
    const id = deviceIdSchema.safeParse(deviceId).data;
    if (id === undefined || this.devices.find(id)?.role === 'field') {
      throw new LongreachError(
        NetworkErrorCode.InvalidParameters,
        'a login code needs the id of a remote device',
      );
    }
    return this.#codes.create(id, this.#clock.nowUs());
  }

  /** Exchanges a one-time code for a login token. Throws InvalidUserSignature or ServerOverload. */
  async redeemLoginCode(
    code: string,
    address: string,
  ): Promise<{ token: string; deviceId: DeviceId; expiresInS: number }> {
    const deviceId = this.#codes.redeem(code, this.#clock.nowUs());
    if (deviceId === undefined)
      throw this.#failure('code', address, 'this login code is not valid');
    return { deviceId, ...(await this.#tokens.signLogin(deviceId)) };
  }

  /** Checks a login. Throws InvalidUserSignature, or ServerOverload when the address fails too often. */
  async assertCredentials(credentials: Credentials): Promise<void> {
    const { role, deviceId, secret, address } = credentials;
    if (this.devices.verify(role, deviceId, secret)) return;
    if (role === 'remote' && (await this.verifyLoginToken(secret)) === deviceId) return;
    throw this.#failure('secret', address, 'wrong device id or secret');
  }

  /** Whose login token this is, or undefined. A token of a device that is now a field device is none. */
  async verifyLoginToken(token: string): Promise<DeviceId | undefined> {
    const deviceId = await this.#tokens.verifyLogin(token);
    if (deviceId === undefined || this.devices.find(deviceId)?.role === 'field') return undefined;
    return deviceId;
  }

  /** Whether this was the login token of a remote device, also when it has expired since. Counts no failure. */
  async hasShownLoginToken(token: string, deviceId: DeviceId): Promise<boolean> {
    if (this.devices.find(deviceId)?.role === 'field') return false;
    return (await this.#tokens.verifyPastLogin(token)) === deviceId;
  }

  /** The token that continues a session. */
  signResume(claim: ResumeClaim): Promise<string> {
    return this.#tokens.signResume(claim);
  }

  /** Reads a resume token. Throws InvalidUserSignature or ServerOverload. */
  async assertResume(token: string, address: string): Promise<ResumeClaim> {
    const claim = await this.#tokens.verifyResume(token);
    if (claim === undefined)
      throw this.#failure('resume', address, 'this resume token is not valid');
    return claim;
  }

  #failure(kind: LoginKind, address: string, message: string): LongreachError {
    this.failedLogins[kind] += 1;
    if (this.#failures.fail(address, this.#clock.nowUs())) {
      return new LongreachError(NetworkErrorCode.InvalidUserSignature, message);
    }
    return new LongreachError(
      NetworkErrorCode.ServerOverload,
      'too many failed logins from this address',
      { retryable: true },
    );
  }
}
