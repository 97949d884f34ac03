import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerConfigInput } from '../config/server-config.ts';
import { metricCatalogue } from '../metrics/catalogue.ts';
import { fallenSeries, parseMetrics, type Scrape } from '../testing/metrics-text.ts';
import { enterMachine, joinRoom, offer, room } from '../testing/room-clients.ts';
import type { TestClient } from '../testing/test-client.ts';
import { startTestServer, type TestServer, testStreams } from '../testing/test-server.ts';

const token = 'a-token-for-metrics-0123456789abcdef';
let server: TestServer;
afterEach(() => server.close());

function get(authorization?: string, method = 'GET'): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return fetch(`${server.running.url}/metrics`, { method, headers });
}

async function scrape(): Promise<Scrape> {
  const response = await get(`Bearer ${token}`);
  expect(response.status).toBe(200);
  return parseMetrics(await response.text());
}

async function figureOf(series: string): Promise<number | undefined> {
  return (await scrape()).series.get(series);
}

function startWithMetrics(overrides: Partial<ServerConfigInput> = {}): Promise<TestServer> {
  return startTestServer({ metrics: { token }, ...overrides });
}

const outOf = (label: string) => `longreach_packets_out_total{room="${label}"}`;

/** The machine offers again and is watched again, for the so-maniest time: the fake worker adds 2 packets out to each. */
async function watch(machine: TestClient, viewer: TestClient, times: number): Promise<void> {
  await machine.request('offer', { ...offer, connectionId: 'media' });
  expect((await viewer.request('offer', offer)).code).toBe(NetworkErrorCode.Success);
  await expect.poll(() => figureOf(outOf('rover-1'))).toBe(2 * times);
}

describe('GET /metrics', () => {
  it('does not exist while no token is configured, whatever is shown', async () => {
    server = await startTestServer();
    for (const shown of [undefined, 'Bearer undefined', 'Bearer ', `Bearer ${token}`]) {
      expect((await get(shown)).status).toBe(404);
    }
  });

  it('is for who shows the token, and nobody keeps a copy', async () => {
    server = await startWithMetrics();
    const wrong = [
      ...[undefined, '', 'Bearer', 'Bearer ', `Basic ${token}`, token],
      ...[`Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Bearer ${token} ${token}`],
    ];
    for (const shown of wrong) {
      const refused = await get(shown);
      expect([shown, refused.status]).toEqual([shown, 401]);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect(refused.headers.get('cache-control')).toBe('no-store');
      expect(await refused.text()).not.toContain('longreach_');
    }
    expect((await get(undefined, 'HEAD')).status).toBe(401);
    const response = await get(`Bearer ${token}`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain('longreach_rooms 0\n');
  });

  it('a login token of an operator is none of metrics', async () => {
    server = await startWithMetrics();
    const code = server.running.createLoginCode('visitor');
    const login = await fetch(`${server.running.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const { token: loginToken } = (await login.json()) as { token: string };
    expect((await get(`Bearer ${loginToken}`)).status).toBe(401);
  });

  it('the token may stand alone in a file; one that holds none is named in one line', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'longreach-metrics-'));
    const tokenFile = join(dir, 'token');
    try {
      writeFileSync(tokenFile, `${token}\n`);
      server = await startWithMetrics({ metrics: { tokenFile } });
      expect((await get(`Bearer ${token}`)).status).toBe(200);
      await server.close();
      writeFileSync(tokenFile, 'short');
      const start = startWithMetrics({ metrics: { tokenFile } });
      await expect(start).rejects.toThrow(`metrics.tokenFile: what ${tokenFile} holds must be 32`);
      rmSync(tokenFile);
      const missing = startWithMetrics({ metrics: { tokenFile } });
      await expect(missing).rejects.toThrow(`cannot read ${tokenFile} (ENOENT)`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('metrics', () => {
  it('has every metric of the catalogue, and no secret', async () => {
    server = await startWithMetrics();
    const machine = await enterMachine(server);
    await watch(machine, await joinRoom(server, 'operator-1'), 1);
    const text = await (await get(`Bearer ${token}`)).text();
    const { types } = parseMetrics(text);
    expect([...types.keys()].sort()).toEqual(Object.keys(metricCatalogue).sort());
    expect(text).not.toContain(token);
    expect(server.logText()).not.toContain(token);
  });

  it('shows who is there, who failed to log in, and who drives', async () => {
    server = await startWithMetrics();
    const machine = await enterMachine(server);
    const viewer = await joinRoom(server, 'operator-1');
    await server.login('operator-2');
    const client = await server.connect();
    const wrong = { role: 'remote', deviceId: 'operator-2', secret: 'wrong', version: '1' };
    await client.request('login', wrong);
    await client.request('resume', { resumeToken: 'nonsense' });
    machine.notify('leaseChanged', {
      ...room,
      lease: { epoch: 1, masterId: 'operator-1', reason: 'granted' },
    });
    await viewer.notice('leaseChanged', ({ lease }) => (lease as { epoch: number }).epoch === 1);
    const { series } = await scrape();
    const expected = {
      longreach_rooms: 1,
      'longreach_machines{state="online"}': 1,
      'longreach_machines{state="offline"}': 1,
      'longreach_viewers{room="rover-1"}': 1,
      longreach_masters: 1,
      'longreach_sessions{role="field"}': 1,
      'longreach_sessions{role="remote"}': 2,
      'longreach_sessions_opened_total{role="remote"}': 2,
      'longreach_logins_failed_total{kind="secret"}': 1,
      'longreach_logins_failed_total{kind="resume"}': 1,
      'longreach_logins_failed_total{kind="code"}': 0,
    };
    expect(Object.fromEntries(series)).toMatchObject(expected);
    await viewer.request('logout');
    expect(await figureOf('longreach_sessions_ended_total{reason="loggedOut"}')).toBe(1);
    expect(await figureOf('longreach_viewers{room="rover-1"}')).toBe(0);
  });

  it('shows what the media workers counted, in seconds and bytes', async () => {
    server = await startWithMetrics();
    await watch(await enterMachine(server), await joinRoom(server, 'operator-1'), 1);
    const { series } = await scrape();
    const expected = {
      'longreach_packets_in_total{room="rover-1"}': 1,
      'longreach_packets_out_total{room="rover-1"}': 2,
      'longreach_packets_repeated_total{room="rover-1"}': 3,
      'longreach_uplink_packets_lost_total{room="rover-1"}': 10,
      'longreach_uplink_packets_recovered_total{room="rover-1"}': 6,
      'longreach_uplink_packets_given_up_total{room="rover-1"}': 8,
      'longreach_uplink_bytes_total{room="rover-1",purpose="parity"}': 200,
      'longreach_downlink_bytes_total{room="rover-1",purpose="repeat"}': 700,
      'longreach_commands_passed_total{room="rover-1"}': 4,
      'longreach_commands_refused_total{code="NotMaster"}': 3,
      'longreach_commands_refused_total{code="TooOften"}': 2,
      'longreach_commands_refused_total{code="TooLarge"}': 0,
      'longreach_forward_delay_seconds_bucket{le="0.00002"}': 0,
      'longreach_forward_delay_seconds_bucket{le="0.00005"}': 1,
      longreach_forward_delay_seconds_sum: 0.00005,
      'longreach_worker_cpu_seconds_total{worker="0"}': 0.5,
      'longreach_worker_event_loop_delay_seconds_sum{worker="0"}': 0.003,
      longreach_workers: 1,
      longreach_worker_restarts_total: 0,
    };
    expect(Object.fromEntries(series)).toMatchObject(expected);
  });

  it('no counter falls when a worker dies, and its successor adds to what was counted', async () => {
    server = await startWithMetrics();
    const machine = await enterMachine(server);
    const viewer = await joinRoom(server, 'operator-1');
    await watch(machine, viewer, 1);
    const before = await scrape();
    process.kill(server.running.workerPids()[0] ?? 0, 'SIGKILL');
    await viewer.notice('connectionLost');
    const lost = await scrape();
    expect(fallenSeries(before, lost)).toEqual([]);
    expect(lost.series.get('longreach_worker_restarts_total')).toBe(1);
    await watch(machine, viewer, 2);
    const after = await scrape();
    expect(fallenSeries(lost, after)).toEqual([]);
    expect(after.series.get('longreach_worker_cpu_seconds_total{worker="0"}')).toBe(1);
    expect(after.series.get('longreach_forward_delay_seconds_count')).toBe(2);
  });

  it('no counter falls when a room closes, and rooms beyond the limit are summed up', async () => {
    server = await startWithMetrics({ limits: { metricRooms: 1 } });
    const machine = await enterMachine(server);
    const viewer = await joinRoom(server, 'operator-1');
    await watch(machine, viewer, 1);
    const before = await scrape();
    await viewer.request('leave', room);
    await machine.request('logout');
    await expect.poll(() => figureOf('longreach_rooms')).toBe(0);
    const second = await server.login('rover-2', { streams: testStreams });
    await second.request('offer', { ...offer, deviceId: 'rover-2', connectionId: 'media' });
    await viewer.request('join', { deviceId: 'rover-2' });
    await viewer.request('offer', { ...offer, deviceId: 'rover-2' });
    await expect.poll(() => figureOf(outOf('(other)'))).toBe(2);
    const after = await scrape();
    expect(fallenSeries(before, after)).toEqual([]);
    expect(after.series.get(outOf('rover-1'))).toBe(2);
    expect(after.series.get('longreach_viewers{room="(other)"}')).toBe(1);
    expect([...after.series.keys()].filter((series) => series.includes('rover-2'))).toEqual([]);
  });
});
