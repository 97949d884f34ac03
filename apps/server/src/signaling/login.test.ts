import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, testKeys } from '../testing/test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const wrong = { role: 'remote', deviceId: 'operator-1', secret: 'wrong', version: '1' };

describe('login', () => {
  it('refuses a wrong key with InvalidUserSignature and lets the right one in on the same link', async () => {
    server = await startTestServer();
    const client = await server.connect();
    const refused = await client.request('login', wrong);
    expect(refused.code).toBe(NetworkErrorCode.InvalidUserSignature);
    await client.login('operator-1', testKeys['operator-1']);
    expect((await client.request('listGateways')).code).toBe(NetworkErrorCode.Success);
  });

  it('refuses a right key in the wrong role and for another device', async () => {
    server = await startTestServer();
    const client = await server.connect();
    const secret = testKeys['rover-1'];
    for (const body of [
      { role: 'remote', deviceId: 'rover-1', secret, version: '1' },
      { role: 'field', deviceId: 'rover-2', secret, version: '1' },
      { role: 'field', deviceId: 'nobody', secret, version: '1' },
    ]) {
      const reply = await client.request('login', body);
      expect(reply.code).toBe(NetworkErrorCode.InvalidUserSignature);
    }
  });

  it('answers every verb before the login with UserNotJoined', async () => {
    server = await startTestServer();
    const client = await server.connect();
    const reply = await client.request('listGateways');
    expect(reply.code).toBe(NetworkErrorCode.UserNotJoined);
  });

  it('closes a link after too many failed logins', async () => {
    server = await startTestServer({ limits: { failedLoginsPerConnection: 3 } });
    const client = await server.connect();
    for (let i = 0; i < 3; i++) await client.request('login', wrong);
    expect((await client.closed).reason).toBe('failedLogins');
  });

  it('limits failed logins by address, and still lets the right secret in', async () => {
    server = await startTestServer({
      limits: { failedLoginBurst: 2, failedLoginsPerMinute: 1, failedLoginsPerConnection: 10 },
    });
    const client = await server.connect();
    const codes = [];
    for (let i = 0; i < 3; i++) codes.push((await client.request('login', wrong)).code);
    expect(codes).toEqual([
      NetworkErrorCode.InvalidUserSignature,
      NetworkErrorCode.InvalidUserSignature,
      NetworkErrorCode.ServerOverload,
    ]);
    await client.login('operator-1', testKeys['operator-1']);
  });

  it('closes a link that does not log in', async () => {
    server = await startTestServer({ timings: { loginMs: 50 } });
    const client = await server.connect();
    expect((await client.closed).reason).toBe('notLoggedIn');
  });

  it('force_login 0: the new login is refused with UserRepeatedJoin and the old one goes on', async () => {
    server = await startTestServer();
    const older = await server.login('operator-1');
    const newer = await server.connect();
    const secret = testKeys['operator-1'];
    const body = { role: 'remote', deviceId: 'operator-1', secret, version: '1', forceLogin: 0 };
    const reply = await newer.request('login', body);
    expect(reply.code).toBe(NetworkErrorCode.UserRepeatedJoin);
    expect((await older.request('listGateways')).code).toBe(NetworkErrorCode.Success);
  });

  it('force_login 1: the old one is kicked out and the new one is in', async () => {
    server = await startTestServer();
    const older = await server.login('operator-1');
    const newer = await server.login('operator-1', { forceLogin: 1 });
    expect(await older.notice('kickedOut')).toMatchObject({ reason: expect.any(String) });
    expect((await older.closed).reason).toBe('kickedOut');
    expect((await newer.request('listGateways')).code).toBe(NetworkErrorCode.Success);
  });

  it('a second login on one link is refused with UserRepeatedJoin', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const reply = await client.request('login', wrong);
    expect(reply.code).toBe(NetworkErrorCode.UserRepeatedJoin);
  });

  it('logout answers, closes the link and frees the id', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    expect((await client.request('logout')).code).toBe(NetworkErrorCode.Success);
    expect((await client.closed).reason).toBe('loggedOut');
    await server.login('operator-1');
  });

  it('no secret and no token reaches the log', async () => {
    server = await startTestServer();
    const token = 'feedfacecafebeef';
    const rover = await server.login('rover-1');
    rover.notify('leaseChanged', {
      deviceId: 'rover-1',
      lease: { epoch: 1, masterId: 'operator-1', reason: 'granted', token },
    });
    const client = await server.login('operator-1');
    await client.request('join', { deviceId: 'rover-1' });
    await client.request('login', { ...wrong, secret: 'wrong-secret-of-somebody' });
    const code = server.running.createLoginCode('visitor');
    const response = await fetch(`${server.running.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const login = (await response.json()) as { token: string };
    const { resumeToken } = client;
    await client.request('logout');
    const text = server.logText();
    expect(text).toContain('session ended');
    const secrets = [...Object.values(testKeys), token, code, login.token, resumeToken];
    for (const secret of [...secrets, 'wrong-secret-of-somebody', 'a signing secret']) {
      expect(secret.length).toBeGreaterThan(8);
      expect(text).not.toContain(secret);
    }
  });
});
