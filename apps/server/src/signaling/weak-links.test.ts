import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, expect, test } from 'vitest';
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

const lease = { epoch: 5, masterId: 'operator-1', reason: 'granted', token: '0123456789abcdef' };

async function startWithMachine(): Promise<TestClient> {
  server = await startTestServer({ timings });
  return enterMachine(server);
}

const joined = (deviceId: 'operator-1' | 'operator-2') => joinRoom(server, deviceId);

test('a datagram line reaches the worker; slots in that of a machine, and a chosen encoding, are refused', async () => {
  const rover = await startWithMachine();
  const client = await joined('operator-1');
  const datagram = { mid: '9', slots: ['d0'] };
  const slots = [{ ...video, mid: 'd0' }];
  const { code } = await client.request('offer', { ...offer, slots, datagram });
  expect(code).toBe(NetworkErrorCode.Success);
  const offers = (await workerInbox(client)).filter(({ type }) => type === 'offer');
  expect(offers).toContainEqual(expect.objectContaining({ connectionId: 'c1', datagram }));
  const published = await rover.request('offer', { ...offer, connectionId: 'm2', datagram });
  expect(published.code).toBe(NetworkErrorCode.InvalidParameters);
  const small = { ...video, encoding: 'small' };
  const chosen = await client.request('offer', { ...offer, slots: [small] });
  expect(chosen.code).toBe(NetworkErrorCode.InvalidParameters);
  const connection = { ...room, connectionId: 'c1' };
  const switched = await client.request('subscribe', { ...connection, ...small });
  expect(switched.code).toBe(NetworkErrorCode.InvalidParameters);
});

test('a small encoding of the machine is published beside the main one and invited by name', async () => {
  server = await startTestServer({ timings });
  const rover = await server.login('rover-1', { streams: testStreams });
  const small = { mid: '1', streamId: 0, mediaType: 'video', encoding: 'small' };
  const client = await joined('operator-1');
  await rover.request('offer', { ...offer, connectionId: 'media', slots: [small] });
  const alone = await client.request('offer', offer);
  expect(alone.code).toBe(NetworkErrorCode.NoTrackExists);
  await rover.request('offer', { ...offer, connectionId: 'media', slots: [video, small] });
  await client.request('offer', { ...offer, sdp: 'weak' });
  const invites = [await rover.serverRequest('invite'), await rover.serverRequest('invite')];
  expect(invites).toContainEqual({
    streamId: 0,
    mediaType: 'video',
    active: true,
    encoding: 'small',
  });
});

test('the main stream is named by the master, for a stream that is there', async () => {
  const rover = await startWithMachine();
  const master = await joined('operator-1');
  const guest = await joined('operator-2');
  rover.notify('leaseChanged', { ...room, lease });
  await master.notice('leaseChanged');
  const body = { ...room, streamId: 1 };
  expect((await master.request('setMainStream', body)).code).toBe(NetworkErrorCode.Success);
  expect(await rover.serverRequest('setMainStream')).toEqual({ streamId: 1 });
  const refused = await guest.request('setMainStream', body);
  expect(refused.code).toBe(NetworkErrorCode.InvalidParameters);
  const unknown = await master.request('setMainStream', { ...body, streamId: 6 });
  expect(unknown.code).toBe(NetworkErrorCode.StreamNotFound);
});

test('every member hears what the network leaves for a stream, from the machine only', async () => {
  const rover = await startWithMachine();
  const first = await joined('operator-1');
  const second = await joined('operator-2');
  const rate = { ...room, streamId: 0, state: 'belowMinimum', bitrateBps: 90_000 };
  second.notify('streamRate', { ...rate, bitrateBps: 1 });
  rover.notify('streamRate', { ...rate, deviceId: 'rover-2' });
  rover.notify('streamRate', rate);
  expect(await first.notice('streamRate')).toEqual(rate);
  expect(await second.notice('streamRate')).toEqual(rate);
});
