import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { Tokens } from '../accounts/tokens.ts';
import {
  startTestServer,
  type TestServer,
  testConfig,
  testKeys,
  testSigningSecret,
  testStreams,
} from '../testing/test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const slots = [{ mid: '0', streamId: 0, mediaType: 'video' }];
const room = { deviceId: 'rover-1' };

describe('resume', () => {
  it('continues a session on a new link: its rooms, what it missed, and a new token', async () => {
    server = await startTestServer();
    const rover = await server.login('rover-1', { streams: testStreams });
    const client = await server.login('operator-1');
    await client.request('join', room);
    client.cut();
    await client.closed;
    const again = await server.connect();
    const reply = await again.resume(client.resumeToken);
    expect(reply).toMatchObject({ code: 0, body: { rooms: ['rover-1'] } });
    expect(again.resumeToken).not.toBe(client.resumeToken);
    expect(await again.notice('machinePresence')).toMatchObject({ state: 'online' });
    expect(await again.notice('leaseChanged')).toMatchObject({ lease: { masterId: null } });
    expect(rover.requests.filter(({ verb }) => verb === 'remoteLeft')).toEqual([]);
  });

  it('replaces a link that is still there, as after a change of network', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const again = await server.connect();
    expect((await again.resume(client.resumeToken)).code).toBe(NetworkErrorCode.Success);
    expect((await client.closed).reason).toBe('resumedElsewhere');
    expect((await again.request('listGateways')).code).toBe(NetworkErrorCode.Success);
  });

  it('a token is good again when the reply to its resume was lost, not after its successor was shown', async () => {
    server = await startTestServer();
    const first = await server.login('operator-1');
    const second = await server.connect();
    await second.resume(first.resumeToken);
    const third = await server.connect();
    expect((await third.resume(first.resumeToken)).code).toBe(NetworkErrorCode.Success);
    const fourth = await server.connect();
    expect((await fourth.resume(third.resumeToken)).code).toBe(NetworkErrorCode.Success);
    const thief = await server.connect();
    const refused = await thief.resume(first.resumeToken);
    expect(refused.code).toBe(NetworkErrorCode.InvalidUserSignature);
  });

  it('a token that is not ours, or not for this: InvalidUserSignature', async () => {
    server = await startTestServer();
    const client = await server.connect();
    const foreign = new Tokens({ secret: 'x'.repeat(32), loginLifeS: 60 });
    const own = new Tokens({ secret: testSigningSecret, loginLifeS: 60 });
    const { token: login } = await own.signLogin('operator-1' as never);
    const resume = await foreign.signResume({ sessionId: 's', generation: 1 });
    for (const token of ['nonsense', login, resume]) {
      expect((await client.resume(token)).code).toBe(NetworkErrorCode.InvalidUserSignature);
    }
  });

  it('after a restart a token of the same secret gets UserNotJoined, and a full login follows', async () => {
    server = await startTestServer();
    const { resumeToken } = await server.login('operator-1');
    await server.close();
    server = await startTestServer();
    const client = await server.connect();
    expect((await client.resume(resumeToken)).code).toBe(NetworkErrorCode.UserNotJoined);
    await client.login('operator-1', testKeys['operator-1']);
  });

  it('a machine that resumes is asked again for what is watched', async () => {
    server = await startTestServer();
    const rover = await server.login('rover-1', { streams: testStreams });
    await rover.request('offer', { ...room, connectionId: 'media', sdp: 'offer', slots });
    const client = await server.login('operator-1');
    await client.request('join', room);
    await client.request('offer', { ...room, connectionId: 'c1', sdp: 'offer', slots });
    expect(await rover.serverRequest('invite')).toMatchObject({ streamId: 0, active: true });
    rover.cut();
    expect(await client.notice('machinePresence')).toMatchObject({ state: 'suspect' });
    const again = await server.connect();
    await again.resume(rover.resumeToken);
    expect(await client.notice('machinePresence')).toMatchObject({ state: 'online' });
    expect(await again.serverRequest('invite')).toMatchObject({ streamId: 0, active: true });
  });

  it('a new login of a machine without a link replaces its session at once and is asked again', async () => {
    server = await startTestServer();
    const rover = await server.login('rover-1', { streams: testStreams });
    await rover.request('offer', { ...room, connectionId: 'media', sdp: 'offer', slots });
    const client = await server.login('operator-1');
    await client.request('join', room);
    await client.request('offer', { ...room, connectionId: 'c1', sdp: 'offer', slots });
    await rover.serverRequest('invite');
    rover.cut();
    await client.notice('machinePresence', (body) => body.state === 'suspect');
    const again = await server.login('rover-1', { streams: testStreams.slice(0, 1) });
    expect(await again.serverRequest('invite')).toMatchObject({ streamId: 0, active: true });
    const presence = await client.notice('machinePresence', (body) => body.state === 'online');
    expect(presence.streams).toHaveLength(1);
  });
});

describe('presence', () => {
  const timings = { ...testConfig().timings, suspectMs: 400, leftMs: 800, heartbeatMs: 50 };

  it('a silent machine becomes suspect, then offline; its link is closed', async () => {
    server = await startTestServer({ timings });
    const rover = await server.login('rover-1', { streams: testStreams });
    const client = await server.login('operator-1');
    await client.request('join', room);
    rover.freeze();
    expect(await client.notice('machinePresence')).toMatchObject({ state: 'suspect' });
    expect(await client.notice('machinePresence')).toMatchObject({ state: 'offline' });
    expect((await rover.closed).reason).toBe('silent');
    const { body } = await client.request('listGateways');
    expect(body).toMatchObject({ gateways: [{ deviceId: 'rover-1', status: 'offline' }, {}] });
  });

  it('a remote device that is gone for good leaves: the machine is told and nobody may resume', async () => {
    server = await startTestServer({ timings });
    const rover = await server.login('rover-1', { streams: testStreams });
    const client = await server.login('operator-1');
    await client.request('join', room);
    expect(await rover.notice('audience', (body) => body.remotes === 1)).toBeDefined();
    client.cut();
    expect(await rover.serverRequest('remoteLeft')).toEqual({ remoteId: 'operator-1' });
    expect(await rover.notice('audience')).toEqual({ remotes: 0 });
    const late = await server.connect();
    const reply = await late.resume(client.resumeToken);
    expect(reply.code).toBe(NetworkErrorCode.UserNotJoined);
  });

  it('the server shows life to its clients', async () => {
    server = await startTestServer({ timings });
    const client = await server.login('operator-1');
    await client.notice('alive');
    await client.notice('alive');
  });
});
