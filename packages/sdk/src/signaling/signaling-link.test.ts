import { NetworkErrorCode } from '@longreach/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualPageClock, settle } from '../testing/manual-page-clock.ts';
import type { LinkTransportHandlers } from './link-transport.ts';
import { SignalingLink } from './signaling-link.ts';
import { parseServerMessage } from './signaling-message.ts';
import { SilenceWatch } from './silence-watch.ts';

type Sent = { id: number; verb?: string; event?: string; body: Record<string, unknown> };

class FakeSocket {
  readonly sent: Sent[] = [];
  isClosed = false;
  readonly handlers: LinkTransportHandlers;

  constructor(handlers: LinkTransportHandlers) {
    this.handlers = handlers;
  }

  send(text: string): boolean {
    this.sent.push(JSON.parse(text));
    return true;
  }

  close(): void {
    this.isClosed = true;
  }

  /** Opens, or answers the newest request. */
  async reply(code: number, body?: unknown): Promise<void> {
    const re = this.sent.findLast(({ verb }) => verb !== undefined)?.id;
    await this.tell({ v: 1, re, code, message: '', body });
  }

  async tell(message: unknown): Promise<void> {
    this.handlers.onMessage(JSON.stringify(message));
    await settle();
  }

  async open(): Promise<void> {
    this.handlers.onOpened();
    await settle();
  }

  get lastVerb(): string | undefined {
    return this.sent.findLast(({ verb }) => verb !== undefined)?.verb;
  }
}

const session = (resumeToken: string) => ({ resumeToken, heartbeatMs: 200 });
const alive = { v: 1, event: 'alive', body: {} };
const credentials = {
  role: 'remote' as const,
  deviceId: 'op' as never,
  secret: 's',
  version: '1',
  forceLogin: 0 as const,
};

function setUp() {
  const clock = new ManualPageClock();
  const sockets: FakeSocket[] = [];
  const states: string[] = [];
  const ended: Array<{ error: Error; kicked: boolean }> = [];
  const rooms: Array<readonly string[]> = [];
  const link = new SignalingLink({
    url: 'ws://test',
    clock,
    random: () => 0.5,
    openTransport: (_url, handlers) => {
      const socket = new FakeSocket(handlers);
      sockets.push(socket);
      return socket;
    },
  });
  link.on('stateChanged', ({ state }) => states.push(state));
  link.on('ended', (end) => ended.push(end));
  link.on('reestablished', (event) => rooms.push(event.rooms));
  const at = (index: number) => sockets[index] as FakeSocket;
  const logIn = async () => {
    const done = link.login(credentials);
    await at(0).open();
    await at(0).reply(0, session('t1'));
    await done;
  };
  return { clock, sockets, states, ended, rooms, link, at, logIn };
}

describe('SignalingLink', () => {
  it('N1 logs in, or rejects without repeating', async () => {
    const good = setUp();
    await good.logIn();
    expect(good.states).toEqual(['new', 'connecting', 'connected']);
    good.link.close();
    expect(good.clock.pending).toBe(0);
    expect(good.states.slice(3)).toEqual(['closed']);

    const refused = setUp();
    const login = refused.link.login(credentials);
    const rejected = expect(login).rejects.toMatchObject({
      code: NetworkErrorCode.InvalidUserSignature,
      retryable: false,
    });
    await refused.at(0).open();
    await refused.at(0).reply(NetworkErrorCode.InvalidUserSignature);
    await rejected;
    await refused.clock.advance(10_000);
    expect(refused.sockets).toHaveLength(1);

    const closed = setUp();
    const unreached = expect(closed.link.login(credentials)).rejects.toMatchObject({
      retryable: true,
    });
    closed.at(0).handlers.onClosed('refused');
    await unreached;
    expect(closed.clock.pending).toBe(0);
  });

  it('N2 shows life every heartbeatMs', async () => {
    const { clock, link, at, logIn } = setUp();
    await logIn();
    await clock.advance(1000);
    expect(at(0).sent.filter(({ event }) => event === 'alive')).toHaveLength(5);
    link.close();
  });

  it('N3 suspects a silent server after 500 ms and drops it after 2 s', async () => {
    const { clock, states, sockets, link, at, logIn } = setUp();
    await logIn();
    await clock.advance(700);
    expect(states.at(-1)).toBe('disconnected');
    await at(0).tell(alive);
    expect(states.at(-1)).toBe('connected');
    await clock.advance(2300);
    expect(at(0).isClosed).toBe(true);
    expect(sockets).toHaveLength(2);
    link.close();
  });

  it('N4 does not blame the server for a page that stood still', () => {
    const watch = new SilenceWatch({ suspectMs: 500, deadMs: 2000, checkMs: 100 }, 0);
    expect(watch.check(60_000)).toBe('alive');
    for (let at = 60_100; at <= 60_300; at += 100) expect(watch.check(at)).toBe('alive');
    expect(watch.check(60_500)).toBe('suspect');
    watch.handleHeard(60_600);
    expect(watch.check(60_700)).toBe('alive');
  });

  it('N5 resumes with its token, and logs in when that is refused', async () => {
    const { clock, rooms, at, logIn, link, sockets, states } = setUp();
    await logIn();
    at(0).handlers.onClosed('reset');
    await clock.advance(100);
    await at(1).open();
    expect(at(1).sent[0]).toMatchObject({ verb: 'resume', body: { resumeToken: 't1' } });
    await at(1).reply(0, { ...session('t2'), rooms: ['truck'] });
    expect(rooms).toEqual([['truck']]);
    expect(states.slice(3)).toEqual(['disconnected', 'reconnecting', 'connected']);

    at(1).handlers.onClosed('reset');
    await clock.advance(100);
    at(2).handlers.onClosed('refused');
    await clock.advance(190);
    expect(sockets).toHaveLength(3);
    await clock.advance(10);
    await at(3).open();
    expect(at(3).sent[0]).toMatchObject({ body: { resumeToken: 't2' } });
    await at(3).reply(NetworkErrorCode.InvalidUserSignature);
    expect(at(3).lastVerb).toBe('login');
    await at(3).reply(0, session('t3'));
    expect(rooms.at(-1)).toEqual([]);
    expect(link.isUp).toBe(true);
    link.close();
  });

  it('N6 ends for good when kicked out or refused, and only then', async () => {
    const kicked = setUp();
    await kicked.logIn();
    await kicked.at(0).tell({ v: 1, event: 'kickedOut', body: { reason: 'another login' } });
    await kicked.clock.advance(10_000);
    expect(kicked.ended).toMatchObject([{ kicked: true }]);
    expect(kicked.sockets).toHaveLength(1);

    const refused = setUp();
    await refused.logIn();
    refused.at(0).handlers.onClosed('reset');
    await refused.clock.advance(100);
    await refused.at(1).open();
    await refused.at(1).reply(NetworkErrorCode.InvalidUserSignature);
    await refused.at(1).reply(NetworkErrorCode.UserRepeatedJoin);
    expect(refused.ended).toHaveLength(0);
    await refused.clock.advance(250);
    await refused.at(2).open();
    await refused.at(2).reply(NetworkErrorCode.InvalidUserSignature);
    expect(refused.ended).toMatchObject([{ kicked: false }]);
    expect(refused.states.at(-1)).toBe('closed');
    await refused.clock.advance(10_000);
    expect(refused.sockets).toHaveLength(3);
    expect(refused.clock.pending).toBe(0);
  });

  it('N7 rejects requests at once without a link, and when it is lost', async () => {
    const { at, logIn, link, clock } = setUp();
    await expect(link.request('listGateways', {})).rejects.toMatchObject({ retryable: true });
    await logIn();
    const waiting = expect(link.request('listGateways', {})).rejects.toMatchObject({
      retryable: true,
    });
    at(0).handlers.onClosed('reset');
    await waiting;
    link.close();
    expect(clock.pending).toBe(0);
  });

  it('N8 ignores whatever is no message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => {
        const message = parseServerMessage(data);
        expect(message === undefined || typeof message === 'object').toBe(true);
      }),
    );
    const bad = ['{', '[]', '{"v":2,"event":"alive","body":{}}', '{"v":1,"re":-1,"code":0}', 7];
    for (const data of bad) expect(parseServerMessage(data)).toBeUndefined();
  });
});
