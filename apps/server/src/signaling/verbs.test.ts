import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import {
  enterMachine,
  joinRoom,
  offer,
  room,
  timings,
  video,
  workerInbox,
} from '../testing/room-clients.ts';
import type { TestClient } from '../testing/test-client.ts';
import { startTestServer, type TestServer, testStreams } from '../testing/test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const token = '0123456789abcdef';

async function startWithMachine(): Promise<TestClient> {
  server = await startTestServer({ timings });
  return enterMachine(server);
}

const joined = (deviceId: 'operator-1' | 'operator-2') => joinRoom(server, deviceId);

describe('fleet', () => {
  it('lists machines as offline, ready and connected, and tells of changes', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const status = async () => {
      const { body } = await client.request('listGateways');
      return (body as { gateways: Array<{ status: string }> }).gateways.map((g) => g.status);
    };
    expect(await status()).toEqual(['offline', 'offline']);
    const isReady = (body: Record<string, unknown>) => JSON.stringify(body).includes('"ready"');
    await server.login('rover-1', { streams: testStreams, deviceName: 'Rover One' });
    const notice = await client.notice('gatewaysChanged', isReady);
    expect(notice.gateways).toMatchObject([{ deviceName: 'Rover One', streamCount: 2 }, {}]);
    await client.request('join', room);
    expect(await status()).toEqual(['connected', 'offline']);
  });

  it('schedules known machines, and answers SourceUserNotExist for others', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    expect((await client.request('schedule', room)).body).toEqual({ nodeId: 'node-1' });
    const unknown = await client.request('schedule', { deviceId: 'rover-9' });
    expect(unknown.code).toBe(NetworkErrorCode.SourceUserNotExist);
  });
});

describe('rooms', () => {
  it('join gives streams and lease; twice is UserRepeatedJoin; unknown is SourceUserNotExist', async () => {
    await startWithMachine();
    const client = await server.login('operator-1');
    const reply = await client.request('join', room);
    expect(reply.body).toEqual({
      roomId: 'rover-1',
      online: true,
      streams: testStreams,
      lease: { epoch: 0, masterId: null, reason: 'unknown' },
      iceServers: [],
    });
    expect((await client.request('join', room)).code).toBe(NetworkErrorCode.UserRepeatedJoin);
    const unknown = await client.request('join', { deviceId: 'rover-9' });
    expect(unknown.code).toBe(NetworkErrorCode.SourceUserNotExist);
  });

  it('every verb of a room is UserNotJoined from outside, also after leave', async () => {
    await startWithMachine();
    const client = await joined('operator-1');
    expect((await client.request('leave', room)).code).toBe(NetworkErrorCode.Success);
    const connection = { ...room, connectionId: 'c1' };
    const bodies = {
      leave: room,
      offer,
      closeConnection: connection,
      subscribe: { ...connection, ...video },
      unsubscribe: { ...connection, mid: '0' },
      permission: { ...room, permission: 'master' },
      emergencyStop: room,
      setEncodeParameters: { ...room, streamId: 0, fps: 10 },
      setMainStream: { ...room, streamId: 0 },
      customData: { ...room, data: 'x' },
    };
    for (const [verb, body] of Object.entries(bodies)) {
      expect([verb, (await client.request(verb, body)).code]).toEqual([
        verb,
        NetworkErrorCode.UserNotJoined,
      ]);
    }
  });

  it('a full room answers ServerOverload', async () => {
    server = await startTestServer({ limits: { remotesPerRoom: 1 } });
    await joined('operator-1');
    const second = await server.login('operator-2');
    expect((await second.request('join', room)).code).toBe(NetworkErrorCode.ServerOverload);
  });

  it('too many rooms answer ServerOverload, to a machine too', async () => {
    server = await startTestServer({ limits: { rooms: 1 } });
    const client = await joined('operator-1');
    const second = await client.request('join', { deviceId: 'rover-2' });
    expect(second.code).toBe(NetworkErrorCode.ServerOverload);
    await expect(server.login('rover-2')).rejects.toThrow('too many rooms');
  });

  it('an offline machine may be waited for, but not asked: SourceUserNotExist', async () => {
    server = await startTestServer();
    const client = await joined('operator-1');
    for (const [verb, body] of [
      ['offer', offer],
      ['permission', { ...room, permission: 'master' }],
      ['emergencyStop', room],
      ['customData', { ...room, data: 'x' }],
    ] as const) {
      const { code } = await client.request(verb, body);
      expect([verb, code]).toEqual([verb, NetworkErrorCode.SourceUserNotExist]);
    }
    await server.login('rover-1', { streams: testStreams });
    expect(await client.notice('machinePresence')).toMatchObject({ state: 'online' });
  });
});

describe('media', () => {
  it('answers an offer, invites what is watched, and switches slots', async () => {
    const rover = await startWithMachine();
    const client = await joined('operator-1');
    const reply = await client.request('offer', offer);
    expect(reply).toMatchObject({ code: 0, body: { sdp: 'answer to c1' } });
    expect(await rover.serverRequest('invite')).toEqual({
      streamId: 0,
      mediaType: 'video',
      active: true,
    });
    const connection = { ...room, connectionId: 'c1' };
    const unsubscribe = await client.request('unsubscribe', { ...connection, mid: '0' });
    expect(unsubscribe.code).toBe(NetworkErrorCode.Success);
    const subscribe = await client.request('subscribe', { ...connection, ...video });
    expect(subscribe.code).toBe(NetworkErrorCode.Success);
    await client.request('closeConnection', connection);
    const inbox = await workerInbox(client);
    expect(inbox.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['offer', 'subscribe', 'unsubscribe', 'closeConnection']),
    );
  });

  it('StreamNotFound, TrackNotFound, NoTrackExists, InvalidParameters, MediaParameterError', async () => {
    await startWithMachine();
    const client = await joined('operator-1');
    await client.request('offer', offer);
    const subscribe = (body: object) =>
      client.request('subscribe', { ...room, connectionId: 'c1', ...video, ...body });
    expect((await subscribe({ streamId: 7 })).code).toBe(NetworkErrorCode.StreamNotFound);
    const noMedium = await subscribe({ streamId: 1, mediaType: 'audio' });
    expect(noMedium.code).toBe(NetworkErrorCode.TrackNotFound);
    expect((await subscribe({ streamId: 1 })).code).toBe(NetworkErrorCode.NoTrackExists);
    const unknown = await subscribe({ connectionId: 'c9' });
    expect(unknown.code).toBe(NetworkErrorCode.InvalidParameters);
    const slot = { ...video, streamId: 7 };
    const noStream = await client.request('offer', { ...offer, slots: [slot] });
    expect(noStream.code).toBe(NetworkErrorCode.StreamNotFound);
    const refused = await client.request('offer', { ...offer, sdp: 'refuse' });
    expect(refused.code).toBe(NetworkErrorCode.MediaParameterError);
  });

  it('an offer that comes before the machine publishes waits for it', async () => {
    server = await startTestServer();
    const rover = await server.login('rover-1', { streams: testStreams });
    const client = await joined('operator-1');
    const early = client.request('offer', offer);
    await client.request('listGateways');
    await rover.request('offer', { ...offer, connectionId: 'media' });
    expect((await early).code).toBe(NetworkErrorCode.Success);
  });

  it('a machine may offer for itself only, and does not watch', async () => {
    const rover = await startWithMachine();
    const other = await rover.request('offer', { ...offer, deviceId: 'rover-2' });
    expect(other.code).toBe(NetworkErrorCode.UserNotJoined);
    const body = { ...room, connectionId: 'media', ...video };
    const subscribe = await rover.request('subscribe', body);
    expect(subscribe.code).toBe(NetworkErrorCode.InvalidParameters);
    expect((await rover.request('join', room)).code).toBe(NetworkErrorCode.UserRepeatedJoin);
  });

  it('a failed connection is told to its owner alone', async () => {
    await startWithMachine();
    const client = await joined('operator-1');
    await client.request('offer', { ...offer, sdp: 'fail' });
    expect(await client.notice('connectionLost')).toMatchObject({ connectionId: 'c1' });
  });

  it('the death of the worker is told to both sides, and new offers are answered', async () => {
    const rover = await startWithMachine();
    const client = await joined('operator-1');
    await client.request('offer', offer);
    const [pid] = server.running.workerPids();
    const crashed = await client.request('offer', { ...offer, connectionId: 'c2', sdp: 'crash' });
    expect(crashed.code).toBe(NetworkErrorCode.MediaServerException);
    expect(await client.notice('connectionLost')).toMatchObject({ connectionId: 'c1' });
    expect(await rover.notice('connectionLost')).toMatchObject({ connectionId: 'media' });
    const again = await rover.request('offer', { ...offer, connectionId: 'media' });
    expect(again.code).toBe(NetworkErrorCode.Success);
    expect((await client.request('offer', offer)).code).toBe(NetworkErrorCode.Success);
    expect(server.running.workerPids()).not.toContain(pid);
  });
});

describe('control', () => {
  const lease = { epoch: 5, masterId: 'operator-1', reason: 'granted', token };

  it('the machine decides; the token reaches the master and the worker, nobody else', async () => {
    const rover = await startWithMachine();
    rover.onRequest = (verb) => (verb === 'permission' ? { body: { lease } } : {});
    const master = await joined('operator-1');
    const guest = await joined('operator-2');
    const reply = await master.request('permission', { ...room, permission: 'master' });
    expect(reply.body).toEqual({ lease });
    expect(await rover.serverRequest('permission')).toEqual({
      remoteId: 'operator-1',
      permission: 'master',
    });
    expect(await master.notice('leaseChanged')).toEqual({ ...room, lease });
    const { token: _, ...open } = lease;
    expect(await guest.notice('leaseChanged')).toEqual({ ...room, lease: open });
    const asked = await guest.request('permission', { ...room, permission: 'master' });
    expect(asked.body).toEqual({ lease: open });
    const leases = (await workerInbox(guest)).filter(({ type }) => type === 'lease');
    expect(leases.at(-1)).toMatchObject({ roomId: 'rover-1', lease });
  });

  it('a lease of an older epoch is late news', async () => {
    const rover = await startWithMachine();
    const client = await joined('operator-1');
    rover.notify('leaseChanged', { ...room, lease });
    await client.notice('leaseChanged');
    rover.notify('leaseChanged', {
      ...room,
      lease: { ...lease, epoch: 4, masterId: 'operator-2' },
    });
    rover.notify('leaseChanged', { ...room, lease: { ...lease, epoch: 6, reason: 'left' } });
    expect(await client.notice('leaseChanged')).toMatchObject({ lease: { epoch: 6 } });
  });

  it("the machine's refusal is passed on; its silence is an error", async () => {
    const rover = await startWithMachine();
    const client = await joined('operator-1');
    rover.onRequest = () => ({ code: NetworkErrorCode.MediaParameterError });
    const refused = await client.request('emergencyStop', room);
    expect(refused.code).toBe(NetworkErrorCode.MediaParameterError);
    rover.onRequest = () => undefined;
    const silent = await client.request('permission', { ...room, permission: 'guest' });
    expect(silent).toMatchObject({ code: NetworkErrorCode.UnknownError });
    expect(silent.message).toContain('did not answer');
  });

  it('encode parameters are for the master', async () => {
    const rover = await startWithMachine();
    const master = await joined('operator-1');
    const guest = await joined('operator-2');
    rover.notify('leaseChanged', { ...room, lease });
    await master.notice('leaseChanged');
    const body = { ...room, streamId: 1, fps: 10 };
    expect((await master.request('setEncodeParameters', body)).code).toBe(NetworkErrorCode.Success);
    expect(await rover.serverRequest('setEncodeParameters')).toEqual({ streamId: 1, fps: 10 });
    const refused = await guest.request('setEncodeParameters', body);
    expect(refused.code).toBe(NetworkErrorCode.InvalidParameters);
    const unknown = await master.request('setEncodeParameters', { ...body, streamId: 6 });
    expect(unknown.code).toBe(NetworkErrorCode.StreamNotFound);
  });

  it('custom data goes to the machine, to everybody, or to one', async () => {
    const rover = await startWithMachine();
    const first = await joined('operator-1');
    const second = await joined('operator-2');
    await first.request('customData', { ...room, data: 'up' });
    expect(await rover.notice('customData')).toEqual({ ...room, from: 'operator-1', data: 'up' });
    await rover.request('customData', { ...room, data: 'all' });
    expect(await first.notice('customData')).toMatchObject({ from: 'rover-1', data: 'all' });
    expect(await second.notice('customData')).toMatchObject({ from: 'rover-1', data: 'all' });
    await first.request('customData', { ...room, to: 'operator-2', data: 'psst' });
    expect(await second.notice('customData')).toMatchObject({ from: 'operator-1', data: 'psst' });
    const nobody = await first.request('customData', { ...room, to: 'stranger', data: 'x' });
    expect(nobody.code).toBe(NetworkErrorCode.SourceUserNotExist);
  });
});
