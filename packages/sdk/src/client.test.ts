import { NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LongreachClient } from './client.ts';

/** A socket to nowhere. */
class RefusedSocket extends EventTarget {
  onerror: (() => void) | undefined;

  constructor() {
    super();
    queueMicrotask(() => this.onerror?.());
  }

  close(): void {}
}

const login = { deviceId: 'operator-1', secret: 'x' };
const retryable = { code: NetworkErrorCode.UnknownError, retryable: true };

afterEach(() => vi.unstubAllGlobals());

function setUp(): LongreachClient {
  vi.stubGlobal('WebSocket', RefusedSocket);
  return new LongreachClient({ url: 'ws://nowhere.invalid/signaling', player: { kind: 'rtp' } });
}

describe('LongreachClient', () => {
  it('tells listeners given to on() until they are unsubscribed', async () => {
    const client = setUp();
    const heard: string[] = [];
    const off = client.on('signalingStateChanged', ({ state }) => heard.push(state));
    await expect(client.login(login)).rejects.toMatchObject(retryable);
    expect(heard).toEqual(['new', 'connecting', 'disconnected']);
    off();
    await expect(client.login(login)).rejects.toMatchObject(retryable);
    expect(heard).toHaveLength(3);
  });

  it('goes on after a listener that throws; the page’s own handler is told', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const client = setUp();
    const mistake = new Error('a mistake of the page');
    const heard: string[] = [];
    client.on('signalingStateChanged', () => {
      throw mistake;
    });
    client.on('signalingStateChanged', ({ state }) => heard.push(state));
    await expect(client.login(login)).rejects.toMatchObject(retryable);
    expect(heard).toEqual(['new', 'connecting', 'disconnected']);
    expect(reported).toEqual([mistake, mistake, mistake]);
  });

  it('rejects what needs a login, or a machine that is connected', async () => {
    const client = setUp();
    await expect(client.getGatewayList()).rejects.toMatchObject(retryable);
    expect(() => client.muteField('truck', true)).toThrow('truck is not connected');
    expect(client.leaseOf('truck')).toBeUndefined();
    expect(client.stateOf('truck')).toBeUndefined();
    await client.disconnect('truck');
    await client.logout();
  });
});
