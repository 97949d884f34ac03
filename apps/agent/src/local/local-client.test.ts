import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalErrorCode } from './errors.ts';
import { readLocalFrames } from './frame-stream.ts';
import { encodeLocalFrame, LocalFrame, readJson } from './framing.ts';
import { LocalClient } from './local-client.ts';
import { listenLocally } from './local-listener.ts';

let directory: string;
let path: string;
let client: LocalClient;
const servers: Server[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longreach-local-'));
  path = join(directory, 'some.sock');
  client = new LocalClient(path);
});
afterEach(async () => {
  client.close();
  for (const server of servers.splice(0)) server.close();
  await rm(directory, { recursive: true, force: true });
});

/** Listens at `path`; gives the first connection. */
async function accept(): Promise<Socket> {
  const server = createServer();
  servers.push(server);
  const connection = once(server, 'connection') as Promise<[Socket]>;
  await listenLocally(server, path);
  const [socket] = await connection;
  server.close();
  return socket;
}

const next = (name: 'connected' | 'disconnected') =>
  new Promise<void>((resolve) => client.on(name, () => resolve()));

describe('LocalClient', () => {
  it('waits for a listener, exchanges frames, and connects again after it went', async () => {
    expect(client.sendJson({ early: true })).toBe(false);
    const connected = next('connected');
    const first = await accept();
    await connected;
    const heard = new Promise((resolve) => {
      client.on('frameReceived', ({ payload }) => resolve(readJson(payload)));
    });
    first.write(encodeLocalFrame(LocalFrame.json, Buffer.from('{"hello":1}')));
    expect(await heard).toEqual({ hello: 1 });
    const told = new Promise((resolve) => {
      readLocalFrames(first, (_type, payload) => resolve(readJson(payload)));
    });
    expect(client.sendJson({ hello: 2 })).toBe(true);
    expect(await told).toEqual({ hello: 2 });
    const lost = next('disconnected');
    first.destroy();
    await lost;
    const again = next('connected');
    const second = await accept();
    await again;
    second.destroy();
  });

  it('leaves a peer whose framing is broken', async () => {
    const lost = next('disconnected');
    const peer = await accept();
    peer.write(Buffer.alloc(64, 0xff));
    await lost;
    expect(client.isConnected()).toBe(false);
    peer.destroy();
  });
});

describe('listenLocally', () => {
  it('refuses a socket on which another process listens, and takes over a dead one', async () => {
    await writeFile(path, '');
    const peer = await accept();
    peer.destroy();
    const living = createServer();
    const late = createServer();
    servers.push(living);
    await listenLocally(living, path);
    await expect(listenLocally(late, path)).rejects.toMatchObject({
      code: LocalErrorCode.SocketInUse,
    });
  });
});
