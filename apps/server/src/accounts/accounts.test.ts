import { ManualClock } from '@longreach/kit';
import { type DeviceId, NetworkErrorCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { parseServerConfig } from '../config/server-config.ts';
import { Accounts } from './accounts.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { Tokens } from './tokens.ts';

const secret = 'a signing secret for tests, 32 characters or more';
const visitor = 'visitor' as DeviceId;
const address = '127.0.0.1';

function createAccounts(clock = new ManualClock()): Accounts {
  const devices = [{ deviceId: 'rover-1', role: 'field', keySha256: 'a'.repeat(64) }] as const;
  return new Accounts(parseServerConfig({ signingSecret: secret, devices: [...devices] }), clock);
}

describe('login codes', () => {
  it('a code is good once, for the device it was made for', async () => {
    const accounts = createAccounts();
    const code = accounts.createLoginCode('visitor');
    const { token, deviceId } = await accounts.redeemLoginCode(code, address);
    expect(deviceId).toBe('visitor');
    const credentials = { role: 'remote', deviceId: visitor, secret: token, address } as const;
    await accounts.assertCredentials(credentials);
    const invalid = { code: NetworkErrorCode.InvalidUserSignature };
    await expect(accounts.redeemLoginCode(code, address)).rejects.toMatchObject(invalid);
    const other = { ...credentials, deviceId: 'other' as DeviceId };
    await expect(accounts.assertCredentials(other)).rejects.toMatchObject(invalid);
    const asField = { ...credentials, role: 'field' } as const;
    await expect(accounts.assertCredentials(asField)).rejects.toMatchObject(invalid);
  });

  it('a code is worth nothing after ten minutes', async () => {
    const clock = new ManualClock();
    const accounts = createAccounts(clock);
    const code = accounts.createLoginCode('visitor');
    clock.advanceUs(600_000_000);
    await expect(accounts.redeemLoginCode(code, address)).rejects.toThrow('not valid');
  });

  it('there are no codes for field devices and for what is no id', () => {
    const accounts = createAccounts();
    expect(() => accounts.createLoginCode('rover-1')).toThrow();
    expect(() => accounts.createLoginCode('../x y')).toThrow();
  });
});

describe('tokens', () => {
  it('a login token ends with its time', async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const tokens = new Tokens({ secret, loginLifeS: 60, now: () => new Date(nowMs) });
    const { token } = await tokens.signLogin(visitor);
    nowMs += 59_000;
    expect(await tokens.verifyLogin(token)).toBe('visitor');
    nowMs += 1_000;
    expect(await tokens.verifyLogin(token)).toBeUndefined();
  });

  it('a changed token, an unsigned one and one for another purpose are none', async () => {
    const tokens = new Tokens({ secret, loginLifeS: 60 });
    const { token } = await tokens.signLogin(visitor);
    const resume = await tokens.signResume({ sessionId: 's', generation: 3 });
    const [, payload] = token.split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const wrong of ['', 'a.b.c', resume, `${header}.${payload}.`, `${token}x`]) {
      expect(await tokens.verifyLogin(wrong)).toBeUndefined();
    }
    expect(await tokens.verifyResume(token)).toBeUndefined();
    expect(await tokens.verifyResume(resume)).toEqual({ sessionId: 's', generation: 3 });
  });
});

describe('failure limiter', () => {
  it('allows a burst, then a rate, by address', () => {
    const limiter = new FailureLimiter({ burst: 2, perMinute: 6 });
    expect([0, 0, 0].map((nowUs) => limiter.fail('a', nowUs))).toEqual([true, true, false]);
    expect(limiter.fail('b', 0)).toBe(true);
    expect(limiter.fail('a', 9_000_000)).toBe(false);
    expect(limiter.fail('a', 10_000_000)).toBe(true);
  });
});
