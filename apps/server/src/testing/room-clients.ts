import { NetworkErrorCode } from '@longreach/protocol';
import { expect } from 'vitest';
import type { ToWorker } from '../media/worker-channel.ts';
import type { TestClient } from './test-client.ts';
import { type TestServer, testStreams } from './test-server.ts';

/** The room of the machine `rover-1`, and an offer in it that shows or publishes one video. */
export const room = { deviceId: 'rover-1' };
export const video = { mid: '0', streamId: 0, mediaType: 'video' };
export const offer = { ...room, connectionId: 'c1', sdp: 'offer', slots: [video] };
/** Waits that end within a test. */
export const timings = { trackWaitMs: 50, machineReplyMs: 100 };

/** Logs the machine in; it publishes its video. */
export async function enterMachine(server: TestServer): Promise<TestClient> {
  const rover = await server.login('rover-1', { streams: testStreams });
  await rover.request('offer', { ...offer, connectionId: 'media' });
  return rover;
}

/** Logs a remote device in and joins the room. */
export async function joinRoom(
  server: TestServer,
  deviceId: 'operator-1' | 'operator-2',
): Promise<TestClient> {
  const client = await server.login(deviceId);
  expect((await client.request('join', room)).code).toBe(NetworkErrorCode.Success);
  return client;
}

/** What the fake worker has received, asked by an offer of `client`. */
export async function workerInbox(client: TestClient): Promise<ToWorker[]> {
  const reply = await client.request('offer', { ...offer, connectionId: 'dump', sdp: 'dump' });
  return JSON.parse((reply.body as { sdp: string }).sdp);
}
