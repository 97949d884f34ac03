import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { enterMachine, joinRoom, offer } from '../testing/room-clients.ts';
import { startTestServer, type TestServer, testStreams } from '../testing/test-server.ts';

let server: TestServer;
let dir: string | undefined;
afterEach(async () => {
  await server.close();
  if (dir !== undefined) rmSync(dir, { recursive: true });
  dir = undefined;
});

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.running.url}${path}`, { headers });
}

function login(body: unknown): Promise<Response> {
  return fetch(`${server.running.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('HTTP', () => {
  it('a one-time code gives a token that logs in over signaling, once', async () => {
    server = await startTestServer();
    const code = server.running.createLoginCode('visitor');
    const response = await login({ code });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { token: string; deviceId: string };
    expect(body).toMatchObject({ deviceId: 'visitor', expiresInS: 28_800 });
    const client = await server.connect();
    await client.login('visitor', body.token);
    const again = await login({ code });
    expect(again.status).toBe(401);
    expect(await again.json()).toMatchObject({ code: NetworkErrorCode.InvalidUserSignature });
  });

  it('guessing codes is limited, and odd bodies are refused', async () => {
    server = await startTestServer({ limits: { failedLoginBurst: 1, failedLoginsPerMinute: 1 } });
    expect((await login({})).status).toBe(400);
    expect((await login({ code: 'x', extra: 1 })).status).toBe(400);
    expect((await login({ code: 'x'.repeat(5_000) })).status).toBe(413);
    expect((await login({ code: 'guess' })).status).toBe(401);
    expect((await login({ code: 'guess' })).status).toBe(429);
  });

  it('rooms and their counters are for who shows a login token', async () => {
    server = await startTestServer();
    await server.login('rover-1', { streams: testStreams });
    expect((await get('/api/rooms')).status).toBe(401);
    expect((await get('/api/rooms', { authorization: 'Bearer nonsense' })).status).toBe(401);
    const response = await login({ code: server.running.createLoginCode('visitor') });
    const { token } = (await response.json()) as { token: string };
    const rooms = await get('/api/rooms', { authorization: `Bearer ${token}` });
    expect(await rooms.json()).toEqual({
      rooms: [
        {
          roomId: 'rover-1',
          machine: 'online',
          streams: 2,
          remotes: [],
          masterId: null,
          stats: null,
          gateway: null,
        },
      ],
      workers: [],
    });
  });

  it('a room says what its worker counted, and its worker how it fares', async () => {
    server = await startTestServer();
    await enterMachine(server);
    const viewer = await joinRoom(server, 'operator-1');
    await viewer.request('offer', offer);
    const code = server.running.createLoginCode('visitor');
    const { token } = (await (await login({ code })).json()) as { token: string };
    const rooms = async () =>
      (await get('/api/rooms', { authorization: `Bearer ${token}` })).json();
    await expect.poll(rooms).toMatchObject({
      rooms: [{ roomId: 'rover-1', stats: { packetsOut: 2, refusals: { NotMaster: 3 } } }],
      workers: [
        {
          pid: server.running.workerPids()[0],
          roomIds: ['rover-1'],
          ...{ eventLoopDelayP99Ms: 3, cpuShare: 0.5, forwardDelayP99Ms: 0.05 },
        },
      ],
    });
  });

  it('serves the cockpit with safe headers, hashed files for ever and the page always fresh', async () => {
    dir = mkdtempSync(join(tmpdir(), 'longreach-cockpit-'));
    mkdirSync(join(dir, 'assets'));
    writeFileSync(join(dir, 'index.html'), '<!doctype html><title>cockpit</title>');
    writeFileSync(join(dir, 'assets', 'main-0a1B2c3D.js'), 'export {};');
    writeFileSync(join(dir, '.secret'), 'hidden');
    server = await startTestServer({ cockpitDir: dir });
    const page = await get('/');
    expect(await page.text()).toContain('cockpit');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    const script = await get('/assets/main-0a1B2c3D.js');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await get('/.secret')).status).toBe(404);
    expect((await get('/%2e%2e/%2e%2e/etc/passwd')).status).toBeGreaterThanOrEqual(400);
    const missing = await get('/nothing');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('says that it is well, and refuses upgrades elsewhere', async () => {
    server = await startTestServer();
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok', nodeId: 'node-1' });
    const socket = new WebSocket(`${server.running.url.replace('http', 'ws')}/elsewhere`);
    await new Promise((resolve) => socket.addEventListener('error', resolve));
  });
});
