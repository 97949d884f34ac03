import type { AddressInfo } from 'node:net';
import { createServer, connect as tcpConnect } from 'node:net';
import { limits, mqttTopic, NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { Tokens } from '../accounts/tokens.ts';
import {
  startTestServer,
  type TestServer,
  testKeys,
  testSigningSecret,
} from '../testing/test-server.ts';
import { MqttTestClient } from './testing/mqtt-test-client.ts';

const badCredentials = 4;
const serverUnavailable = 3;
const machine = 'default/rover-1';
const operator = 'default/operator-1';

let server: TestServer | undefined;
const opened: MqttTestClient[] = [];

afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await server?.close();
  server = undefined;
});

async function start(overrides: Parameters<typeof startTestServer>[0] = {}): Promise<string> {
  server = await startTestServer(overrides);
  return `${server.running.url.replace('http', 'ws')}/mqtt`;
}

async function keep(connecting: Promise<MqttTestClient>): Promise<MqttTestClient> {
  const client = await connecting;
  opened.push(client);
  return client;
}

const open = (url: string, publicId = operator, key = testKeys['operator-1'] as string) =>
  keep(MqttTestClient.open(url, publicId, key));
const connect = (...given: Parameters<typeof MqttTestClient.connect>) =>
  keep(MqttTestClient.connect(...given));
const loginOf = (deviceId: string, role: string, secret: string, more: object = {}) => ({
  ...{ deviceId, role, secret, version: '1' },
  ...more,
});

/** A port that nobody used a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('who may connect over MQTT', () => {
  it('a device with its key, or a remote device with a login token', async () => {
    const url = await start();
    await open(url, machine, testKeys['rover-1']);
    await open(url);
    const code = server?.running.createLoginCode('operator-9') as string;
    const reply = await fetch(`${server?.running.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const { token } = (await reply.json()) as { token: string };
    await open(url, 'default/operator-9', token);
  });

  it('with an expired login token only while its device has a session, to resume it', async () => {
    const url = await start({ timings: { loginTokenS: 10 } });
    const tokens = new Tokens({
      secret: testSigningSecret,
      loginLifeS: 10,
      now: () => new Date(Date.now() - 60_000),
    });
    const { token } = await tokens.signLogin('operator-1' as never);
    await expect(connect(url, operator, token)).rejects.toBe(badCredentials);
    const present = await server?.login('operator-1');
    const late = await open(url, operator, token);
    const login = loginOf(operator, 'remote', token, { forceLogin: 1 });
    expect((await late.request('login', login)).code).toBe(NetworkErrorCode.InvalidUserSignature);
    const resumed = await late.request('resume', { resumeToken: present?.resumeToken });
    expect(resumed.code).toBe(NetworkErrorCode.Success);
    await expect(connect(url, 'default/operator-2', token)).rejects.toBe(badCredentials);
  });

  it.each([
    ['a wrong secret', machine, 'wrong'],
    ['another device’s key', machine, testKeys['rover-2']],
    ['no secret', machine, ''],
    ['a device that nobody knows', 'default/rover-9', testKeys['rover-1']],
    ['a device of another project', 'mine/rover-1', testKeys['rover-1']],
  ])('not with %s', async (_what, publicId, secret) => {
    const url = await start();
    await expect(connect(url, publicId, secret)).rejects.toBe(badCredentials);
  });

  it('failures count for the address as those of signaling do, and the right secret still works', async () => {
    const url = await start({ limits: { failedLoginBurst: 2, failedLoginsPerMinute: 1 } });
    const raw = await server?.connect();
    const guess = loginOf('operator-1', 'remote', 'wrong');
    expect((await raw?.request('login', guess))?.code).toBe(NetworkErrorCode.InvalidUserSignature);
    await expect(connect(url, machine, 'wrong')).rejects.toBe(badCredentials);
    await expect(connect(url, machine, 'wrong')).rejects.toBe(serverUnavailable);
    expect((await raw?.request('login', guess))?.code).toBe(NetworkErrorCode.ServerOverload);
    await open(url, machine, testKeys['rover-1']);
  });

  it('nobody stays who shows no secret, or nothing after it', async () => {
    const url = await start({ timings: { loginMs: 100 } });
    const silent = new WebSocket(url, 'mqtt');
    await new Promise((resolve) => silent.addEventListener('close', resolve));
    const idle = await connect(url, machine, testKeys['rover-1']);
    await idle.closed;
    const unknown = await open(url);
    await unknown.next(
      ({ event, body }) => event === 'linkClosed' && body?.reason === 'notLoggedIn',
    );
    await unknown.closed;
  });

  it('connections without a login are limited together with those of signaling', async () => {
    const url = await start({ limits: { anonymousConnections: 2 } });
    await server?.connect();
    await open(url);
    await expect(connect(url, machine, testKeys['rover-1'])).rejects.toBeDefined();
    await expect(server?.connect()).rejects.toThrow('503');
    const [waiting] = opened;
    await waiting?.request('login', loginOf(operator, 'remote', testKeys['operator-1']));
    await open(url, machine, testKeys['rover-1']);
  });

  it('nobody where MQTT is switched off', async () => {
    const url = await start({ mqtt: { enabled: false } });
    await expect(connect(url, machine, testKeys['rover-1'])).rejects.toBeDefined();
  });

  it('over TCP only where the configuration says so', async () => {
    const port = await freePort();
    await start({ mqtt: { listeners: [{ host: '127.0.0.1', port }] } });
    const tcp = `mqtt://127.0.0.1:${port}`;
    await expect(connect(tcp, machine, 'wrong')).rejects.toBe(badCredentials);
    const client = await open(tcp, machine, testKeys['rover-1']);
    const login = loginOf(machine, 'field', testKeys['rover-1']);
    expect((await client.request('login', login)).code).toBe(NetworkErrorCode.Success);
    await expect(startTestServer({ mqtt: { listeners: [{ port }] } })).rejects.toThrow(
      `127.0.0.1:${port} is already in use`,
    );
  });
});

describe('what a client may do over MQTT', () => {
  it.each([
    ['publish for another device', (url: string) => publishFor(url, 'default/operator-1')],
    ['subscribe to everything', (url: string) => subscribeTo(url, '#')],
    [
      'subscribe to what is sent to others',
      (url: string) => subscribeTo(url, 'longreach/v1/+/+/+/down'),
    ],
    ['subscribe to the broker’s own topics', (url: string) => subscribeTo(url, '$SYS/#')],
  ])('not %s: the connection ends', async (_what, misbehave) => {
    await (await misbehave(await start())).closed;
  });

  it('a message above the limit is answered, one far above ends the connection', async () => {
    const port = await freePort();
    // Over TCP no frame of a WebSocket ends it, and no missing login does.
    await start({ mqtt: { listeners: [{ port }] }, timings: { loginMs: 60_000 } });
    const client = await open(`mqtt://127.0.0.1:${port}`);
    const large = { deviceId: machine, data: 'x'.repeat(limits.signalingMessageBytes) };
    expect((await client.request('customData', large)).code).toBe(
      NetworkErrorCode.InvalidParameters,
    );
    client.publish('up', 'x'.repeat(1024 * 1024 + 600));
    await client.closed;
  });

  it('a long CONNECT ends the connection before it is read', async () => {
    const url = await start();
    await expect(connect(url, machine, 'x'.repeat(9_000))).rejects.toBe(0);
  });

  it('a second connection with the same client id does not take over another device’s', async () => {
    const url = await start();
    const victim = await open(url);
    const clientId = `${operator}:${victim.address.linkId}`;
    await expect(
      connect(url, machine, testKeys['rover-1'], { clientId, username: machine }),
    ).rejects.toBeDefined();
    expect(victim.client.connected).toBe(true);
  });
});

async function publishFor(url: string, publicId: string): Promise<MqttTestClient> {
  const client = await open(url, machine, testKeys['rover-1']);
  client.client.publish(mqttTopic({ ...client.address, publicId }, 'up'), '{}');
  return client;
}

async function subscribeTo(url: string, topic: string): Promise<MqttTestClient> {
  const client = await open(url, machine, testKeys['rover-1']);
  client.client.subscribe(topic);
  return client;
}

describe('signaling over MQTT', () => {
  it('is the same as over a WebSocket, with the ids of public mode', async () => {
    const url = await start();
    const rover = await open(url, machine, testKeys['rover-1']);
    const streams = [
      { streamId: 0, name: 'front', width: 640, height: 360, fps: 30, mediaTypes: ['video'] },
    ];
    await rover.request('login', loginOf(machine, 'field', testKeys['rover-1'], { streams }));
    const remote = await open(url);
    await remote.request('login', loginOf(operator, 'remote', testKeys['operator-1']));
    const { body } = await remote.request('listGateways', {});
    expect(body?.gateways).toContainEqual(
      expect.objectContaining({ deviceId: machine, status: 'ready' }),
    );
    const joined = await remote.request('join', { deviceId: machine });
    expect(joined).toMatchObject({ code: 0, body: { roomId: machine, online: true } });
    await remote.request('customData', { deviceId: machine, data: 'hello' });
    const heard = await rover.next(({ event }) => event === 'customData');
    expect(heard.body).toEqual({ deviceId: machine, from: operator, data: 'hello' });
  });

  it('a machine on MQTT and a remote device on a WebSocket meet', async () => {
    const url = await start();
    const rover = await open(url, machine, testKeys['rover-1']);
    await rover.request('login', loginOf(machine, 'field', testKeys['rover-1']));
    const remote = await server?.login('operator-1');
    const joined = await remote?.request('join', { deviceId: 'rover-1' });
    expect(joined).toMatchObject({ code: 0, body: { roomId: 'rover-1', online: true } });
    await remote?.request('customData', { deviceId: 'rover-1', data: 'hello' });
    const heard = await rover.next(({ event }) => event === 'customData');
    expect(heard.body?.from).toBe(operator);
  });

  it('a link is its own device’s: no login of another one, no resuming of another one’s session', async () => {
    const url = await start();
    const remote = await server?.login('operator-1');
    const rover = await open(url, machine, testKeys['rover-1']);
    const foreign = loginOf(operator, 'remote', testKeys['operator-1']);
    expect((await rover.request('login', foreign)).code).toBe(NetworkErrorCode.InvalidParameters);
    const resumed = await rover.request('resume', { resumeToken: remote?.resumeToken });
    expect(resumed.code).toBe(NetworkErrorCode.InvalidParameters);
    const login = loginOf(machine, 'field', testKeys['rover-1']);
    expect((await rover.request('login', login)).code).toBe(NetworkErrorCode.Success);
  });

  it('a session outlives its MQTT connection: the next one resumes it', async () => {
    const url = await start();
    const first = await open(url);
    const login = loginOf(operator, 'remote', testKeys['operator-1']);
    const { body } = await first.request('login', login);
    first.client.stream.destroy();
    const second = await open(url);
    const resumed = await second.request('resume', { resumeToken: body?.resumeToken });
    expect(resumed.code).toBe(NetworkErrorCode.Success);
  });

  it.each([
    ['breaks', (client: MqttTestClient) => void client.client.stream.destroy()],
    ['says goodbye', (client: MqttTestClient) => client.publish('presence', '', true)],
    ['ends without one', (client: MqttTestClient) => void client.client.end()],
  ])('a presence is retained until its connection %s', async (_how, end) => {
    const url = await start();
    const client = await open(url);
    const topic = mqttTopic(client.address, 'presence');
    await client.client.subscribeAsync(topic);
    await client.next((message) => message.state === 'online');
    const login = loginOf(operator, 'remote', testKeys['operator-1']);
    await client.request('login', login);
    end(client);
    await client.closed;
    const { linkId } = client.address;
    const again = await connect(url, operator, testKeys['operator-1'], {}, linkId);
    await again.client.subscribeAsync(topic);
    await again.client.subscribeAsync(mqttTopic(client.address, 'down'));
    again.publish('up', JSON.stringify({ v: 1, id: 1, verb: 'login', body: login }));
    // The old link is over, too: the id is free.
    expect(await again.next(() => true)).toMatchObject({ re: 1, code: 0 });
  });

  it('a client that reads nothing is cut, and holds nobody up', async () => {
    const url = await start({
      limits: { signalingMessagesPerSecond: 10_000 },
      timings: { leftMs: 60_000 },
    });
    const rover = await open(url, machine, testKeys['rover-1']);
    await rover.request('login', loginOf(machine, 'field', testKeys['rover-1']));
    const deaf = await open(url);
    await deaf.request('login', loginOf(operator, 'remote', testKeys['operator-1']));
    await deaf.request('join', { deviceId: machine });
    const other = await server?.login('operator-2');
    await other?.request('join', { deviceId: 'rover-1' });
    deaf.client.stream.unpipe();
    const data = 'x'.repeat(limits.reliablePayloadBytes);
    const isCut = () => /"deviceId":"operator-1".*"link lost"/.test(server?.logText() ?? '');
    // What the system's own buffers hold comes on top of the limit of 1 MiB.
    for (let i = 0; !isCut() && i < 3_000; i++) {
      await rover.request('customData', { deviceId: machine, data });
      await other?.notice('customData');
    }
    expect(isCut()).toBe(true);
  });

  it('no secret and no token reaches the log', async () => {
    const url = await start();
    await expect(connect(url, machine, 'a-wrong-secret-0123')).rejects.toBe(badCredentials);
    const client = await open(url);
    const login = loginOf(operator, 'remote', testKeys['operator-1']);
    const { body } = await client.request('login', login);
    const text = server?.logText() ?? '';
    expect(text).toContain('session opened');
    for (const secret of ['a-wrong-secret-0123', testKeys['operator-1'], body?.resumeToken]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('bytes that are no MQTT', () => {
  it('end their own connection and nothing else', async () => {
    const port = await freePort();
    const url = await start({ mqtt: { listeners: [{ port }] } });
    const bystander = await open(url);
    for (const bytes of [
      [0xff, 0xff, 0xff, 0xff, 0xff],
      [0x10, 0x02, 0x00, 0x00],
      [0x30, 0x00],
    ]) {
      const socket = tcpConnect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(Uint8Array.from(bytes));
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const login = loginOf(operator, 'remote', testKeys['operator-1']);
    expect((await bystander.request('login', login)).code).toBe(NetworkErrorCode.Success);
  });
});
