import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { parseLoginReply, readLoginCode, readMachine } from './login-code.ts';
import { loginFailure } from './login-failure.ts';
import { StoredLogin } from './stored-login.ts';

function memoryStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    items,
  };
}

describe('login code', () => {
  it('is read from the fragment', () => {
    expect(readLoginCode('#code=aB3-_x')).toBe('aB3-_x');
    expect(readLoginCode('#machine=m-1&code=abc')).toBe('abc');
    expect(readMachine('#machine=m-1')).toBe('m-1');
  });
  it('is nothing when absent or odd', () => {
    for (const fragment of ['', '#', '#code=', '#code=%3Cscript%3E', `#code=${'x'.repeat(300)}`]) {
      expect(readLoginCode(fragment)).toBeUndefined();
    }
  });
  it('accepts only a whole reply', () => {
    expect(parseLoginReply({ token: 't', deviceId: 'op' })).toEqual({
      deviceId: 'op',
      secret: 't',
    });
    for (const reply of [
      null,
      'x',
      {},
      { token: 't' },
      { token: 1, deviceId: 'op' },
      { token: '', deviceId: 'op' },
    ]) {
      expect(() => parseLoginReply(reply)).toThrow();
    }
  });
});

describe('stored login', () => {
  it('gives back what was kept until it is cleared', () => {
    const login = new StoredLogin(memoryStorage());
    expect(login.read()).toBeUndefined();
    login.write({ deviceId: 'op', secret: 's' });
    expect(login.read()).toEqual({ deviceId: 'op', secret: 's' });
    login.clear();
    expect(login.read()).toBeUndefined();
  });
  it('survives rubbish and a forbidden storage', () => {
    const storage = memoryStorage();
    const login = new StoredLogin(storage);
    login.write({ deviceId: 'op', secret: 's' });
    for (const key of storage.items.keys()) storage.items.set(key, '{"deviceId":1');
    expect(login.read()).toBeUndefined();
    const forbidden = new StoredLogin({
      getItem: () => {
        throw new Error('no');
      },
      setItem: () => {
        throw new Error('no');
      },
      removeItem: () => {
        throw new Error('no');
      },
    });
    expect(forbidden.read()).toBeUndefined();
    expect(() => forbidden.write({ deviceId: 'op', secret: 's' })).not.toThrow();
    expect(() => forbidden.clear()).not.toThrow();
  });
});

describe('login failure', () => {
  const failureOf = (code: number, retryable = false) =>
    loginFailure(new LongreachError(code, 'text', { retryable }));
  it('forgets a refused login, offers to take over a used one, and repeats what only needs time', () => {
    expect(failureOf(NetworkErrorCode.InvalidUserSignature)).toMatchObject({
      forget: true,
      again: false,
    });
    expect(failureOf(NetworkErrorCode.UserRepeatedJoin, true)).toMatchObject({
      canTakeOver: true,
      again: false,
    });
    expect(failureOf(NetworkErrorCode.ServerOverload, true)).toMatchObject({
      forget: false,
      again: true,
    });
    expect(loginFailure('odd')).toMatchObject({ forget: false, again: false });
  });
});
