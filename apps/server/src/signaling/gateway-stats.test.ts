import { once } from 'node:events';
import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { enterMachine, joinRoom, room, timings } from '../testing/room-clients.ts';
import type { TestClient } from '../testing/test-client.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
let rover: TestClient;
afterEach(() => server.close());

async function start(): Promise<void> {
  server = await startTestServer({ timings });
  rover = await enterMachine(server);
}

const joined = (deviceId: 'operator-1' | 'operator-2') => joinRoom(server, deviceId);

function report(sequence: number, more: object = {}) {
  const empty = { streams: [], paths: [] };
  const times = { machineTimeUs: 1e9, periodMs: 2000, softwareVersion: '1' };
  return { ...room, stats: { sequence, ...times, ...empty, ...more } };
}

/** Tells a notice of the rate of a stream, and waits until it has come: whatever was passed on before has come too. */
async function settle(client: TestClient): Promise<void> {
  const rate = { ...room, streamId: 0, state: 'ok', bitrateBps: 1 };
  rover.notify('streamRate', rate);
  await client.notice('streamRate');
}

/** Numbers of the reports that a client has by now. */
async function reportsOf(client: TestClient): Promise<unknown[]> {
  await settle(client);
  return client.inbox('gatewayStats').map(({ stats }) => (stats as { sequence: number }).sequence);
}

test("a machine's report on itself reaches the members of its room, and nobody else", async () => {
  await start();
  const member = await joined('operator-1');
  const outsider = await server.login('operator-2');
  rover.notify('gatewayStats', report(7));
  expect(await member.notice('gatewayStats')).toEqual(report(7));
  const fleet = await outsider.request('listGateways');
  expect(fleet.code).toBe(NetworkErrorCode.Success);
  expect(outsider.inbox('gatewayStats')).toEqual([]);
});

test('only the machine itself may report, and only what the schema knows', async () => {
  await start();
  const member = await joined('operator-1');
  const other = await server.login('rover-2', { streams: [] });
  member.notify('gatewayStats', report(1));
  other.notify('gatewayStats', report(2));
  rover.notify('gatewayStats', { ...report(3), deviceId: 'rover-2' });
  rover.notify('gatewayStats', report(4, { position: [48.1, 11.5] }));
  rover.notify('gatewayStats', report(5, { streams: Array(9).fill({ streamId: 0 }) }));
  // Both other links have been read to here.
  await Promise.all([member.request('listGateways'), other.request('listGateways')]);
  expect(await reportsOf(member)).toEqual([]);
});

test('more than one report a second is not passed on', async () => {
  await start();
  const member = await joined('operator-1');
  for (let sequence = 0; sequence < 20; sequence++) {
    rover.notify('gatewayStats', report(sequence));
  }
  // Two at once: a network may hold one back until the next.
  expect(await reportsOf(member)).toEqual([0, 1]);
});

test('the newest report stands in the list of rooms until the machine is gone', async () => {
  await start();
  const member = await joined('operator-1');
  const code = server.running.createLoginCode('visitor');
  const { token } = await post('/api/login', { code });
  rover.notify('gatewayStats', report(7));
  await member.notice('gatewayStats');
  rover.notify('gatewayStats', report(8));
  await member.notice('gatewayStats');
  const [open] = await rooms(token);
  expect(open?.gateway).toEqual({ ageMs: expect.any(Number), stats: report(8).stats });
  expect(open?.gateway?.ageMs).toBeLessThan(5000);
  await rover.request('logout');
  await member.notice('machinePresence', ({ state }) => state === 'offline');
  expect((await rooms(token))[0]).toMatchObject({ machine: 'offline', gateway: null });
});

test('long messages are compressed for who offers it, but for browsers', async () => {
  await start();
  const extensionsOf = async (headers: Record<string, string>) => {
    const url = `${server.running.url.replace('http', 'ws')}/signaling`;
    const socket = new WebSocket(url, { perMessageDeflate: true, headers });
    await once(socket, 'open');
    const { extensions } = socket;
    socket.terminate();
    return extensions;
  };
  expect(await extensionsOf({})).toContain('permessage-deflate');
  expect(await extensionsOf({ origin: 'https://drive.example.org' })).toBe('');
});

async function post(path: string, body: object): Promise<{ token: string }> {
  const response = await fetch(`${server.running.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as { token: string };
}

async function rooms(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.running.url}/api/rooms`, { headers });
  const body = (await response.json()) as {
    rooms: Array<{ gateway: { ageMs: number; stats: unknown } | null }>;
  };
  return body.rooms;
}
