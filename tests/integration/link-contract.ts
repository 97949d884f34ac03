import { limits } from '@longreach/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserClock } from '../../packages/sdk/src/page/page-clock.ts';
import type {
  LinkTransport,
  LinkTransportHandlers,
} from '../../packages/sdk/src/signaling/link-transport.ts';
import { SignalingLink } from '../../packages/sdk/src/signaling/signaling-link.ts';
import type { ServerEnd, ServerEnds } from './link-ends.ts';

/** One kind of link with its network, as the contract tries it. */
export type LinkKind = {
  readonly ends: ServerEnds;
  open(handlers: LinkTransportHandlers): LinkTransport;
  /** From now on nothing gets through, and nobody is told. */
  cut(): void;
  restore(): void;
  /** Breaks every connection. */
  drop(): void;
  close(): Promise<void>;
};

/** The client's end of one link. */
class ClientEnd {
  readonly transport: LinkTransport;
  readonly texts: string[] = [];
  readonly closings: string[] = [];
  readonly opened: Promise<void>;

  constructor(kind: LinkKind) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    this.transport = kind.open({
      onOpened: resolve,
      onMessage: (text) => this.texts.push(String(text)),
      onClosed: (reason) => {
        this.closings.push(reason);
        reject(new Error(reason));
      },
    });
  }
}

const burst = 300;
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `{"n":${n}}`);
/** Four bytes a character: as large as a signaling message may be. */
const large = `"${'🚜'.repeat(limits.signalingMessageBytes / 4 - 1)}"`;
/** What every link promises, whatever carries it. */
export function describeLink(name: string, create: () => Promise<LinkKind>): void {
  describe(`a link over ${name}`, () => {
    let kind: LinkKind;
    beforeEach(async () => {
      kind = await create();
    });
    afterEach(() => kind.close());

    async function open(index = 0): Promise<{ client: ClientEnd; server: ServerEnd }> {
      const client = new ClientEnd(kind);
      await client.opened;
      return { client, server: await kind.ends.at(index) };
    }

    /** Long enough for a second word about the links before to have come. */
    async function turnaround(): Promise<void> {
      const { client, server } = await open(kind.ends.all.length);
      client.transport.send('"there"');
      await expect.poll(() => server.texts).toEqual(['"there"']);
      server.transport.send('"and back"');
      await expect.poll(() => client.texts).toEqual(['"and back"']);
    }

    it('keeps the order of messages, both ways at once', async () => {
      const { client, server } = await open();
      for (const text of numbered(burst)) {
        expect(client.transport.send(text)).toBe(true);
        server.transport.send(text);
      }
      await expect.poll(() => server.texts.length + client.texts.length).toBe(2 * burst);
      expect(server.texts).toEqual(numbered(burst));
      expect(client.texts).toEqual(numbered(burst));
    });

    it('carries the largest messages whole', async () => {
      const { client, server } = await open();
      client.transport.send(large);
      server.transport.send(large);
      await expect.poll(() => [server.texts.length, client.texts.length]).toEqual([1, 1]);
      expect(server.texts[0] === large && client.texts[0] === large).toBe(true);
    });

    it('closed by the client, the server is told once, after all that was sent', async () => {
      const { client, server } = await open();
      for (const text of numbered(10)) client.transport.send(text);
      client.transport.close();
      client.transport.close();
      expect(client.transport.send('too late')).toBe(false);
      await expect.poll(() => server.closings).toBe(1);
      await turnaround();
      expect(server.closings).toBe(1);
      expect(server.texts).toEqual(numbered(10));
      expect(client.closings).toEqual([]);
    });

    it('closed by the server, the client is told once and why, after all that was sent', async () => {
      const { client, server } = await open();
      for (const text of numbered(10)) server.transport.send(text);
      server.transport.close(4004, 'silent');
      await expect.poll(() => client.closings).toEqual(['silent']);
      await expect.poll(() => server.closings).toBe(1);
      await turnaround();
      expect(client.closings).toEqual(['silent']);
      expect(client.texts).toEqual(numbered(10));
      expect(client.transport.send('too late')).toBe(false);
      expect(server.closings).toBe(1);
    });

    it('broken by the network, both sides are told once', async () => {
      const { client, server } = await open();
      kind.drop();
      await expect.poll(() => [client.closings.length, server.closings]).toEqual([1, 1]);
      await turnaround();
      expect([client.closings.length, server.closings]).toEqual([1, 1]);
    });

    it('after a break the next one begins afresh', async () => {
      const { client, server } = await open();
      client.transport.send('"first"');
      await expect.poll(() => server.texts).toEqual(['"first"']);
      kind.drop();
      const next = await open(1);
      next.client.transport.send('"second"');
      next.server.transport.send('"answer"');
      await expect.poll(() => next.server.texts).toEqual(['"second"']);
      await expect.poll(() => next.client.texts).toEqual(['"answer"']);
      expect(server.texts).toEqual(['"first"']);
      expect(client.texts).toEqual([]);
    });

    it('two of one device live side by side', async () => {
      const first = await open();
      const second = await open(1);
      first.client.transport.send('"first"');
      second.server.transport.send('"second"');
      await expect.poll(() => first.server.texts).toEqual(['"first"']);
      await expect.poll(() => second.client.texts).toEqual(['"second"']);
      first.client.transport.close();
      await expect.poll(() => first.server.closings).toBe(1);
      expect([second.server.closings, second.server.texts]).toEqual([0, []]);
    });

    it('a message somewhat too large reaches the server, which answers; one far too large ends the link', async () => {
      const { client, server } = await open();
      const tooLarge = `"${'x'.repeat(2 * limits.signalingMessageBytes)}"`;
      client.transport.send(tooLarge);
      await expect.poll(() => server.texts.length).toBe(1);
      client.transport.send('x'.repeat(2 * 1024 * 1024));
      await expect.poll(() => [client.closings.length, server.closings]).toEqual([1, 1]);
      expect(server.texts).toHaveLength(1);
    });

    it.each([
      ['server that falls silent', (end: ServerEnd) => stopAlive(end)],
      ['network that does', () => kind.cut()],
    ])('a %s is noticed, and the next link reaches the server again', async (_what, silence) => {
      kind.ends.onOpened = serveLogin;
      const link = new SignalingLink({
        url: 'ws://unused',
        clock: browserClock,
        random: Math.random,
        openTransport: (_url, handlers) => kind.open(handlers),
      });
      const states: string[] = [];
      link.on('stateChanged', ({ state }) => states.push(state));
      await link.login({ role: 'remote', deviceId: 'x', secret: 'x', version: '1' } as never);
      const first = await kind.ends.at(0);
      silence(first);
      await expect.poll(() => states, { timeout: 8_000 }).toContain('reconnecting');
      kind.restore();
      await expect.poll(() => link.isUp, { timeout: 8_000 }).toBe(true);
      expect(states.slice(0, 4)).toEqual(['new', 'connecting', 'connected', 'disconnected']);
      await expect.poll(() => first.closings).toBe(1);
      link.close();
      for (const end of kind.ends.all) stopAlive(end);
    });
  });
}

const aliveTimers = new WeakMap<ServerEnd, NodeJS.Timeout>();

/** Answers logins, and shows life from then on. */
function serveLogin(end: ServerEnd): void {
  end.onText = (text) => {
    const { id, verb } = JSON.parse(text);
    if (verb === undefined) return;
    const body = {
      resumeToken: 't',
      heartbeatMs: 100,
      ...(verb === 'resume' ? { rooms: [] } : {}),
    };
    end.transport.send(JSON.stringify({ v: 1, re: id, code: 0, message: 'ok', body }));
    const alive = JSON.stringify({ v: 1, event: 'alive', body: {} });
    aliveTimers.set(
      end,
      setInterval(() => end.transport.send(alive), 100),
    );
  };
}

function stopAlive(end: ServerEnd): void {
  clearInterval(aliveTimers.get(end));
}
