import { once } from 'node:events';
import type { ReplyEnvelope } from '@longreach/protocol';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';

/** A signaling link over which a test sends whatever it likes. */
export type RawSignaling = {
  send(text: string): Promise<void>;
  /** The next reply to this request id; 0 = to a message whose id could not be read. */
  reply(id: number): Promise<ReplyEnvelope>;
};

/** Speaks over the very link that an open cockpit page uses; its own client ignores replies it did not ask for. */
export async function overPageLink(page: Page): Promise<RawSignaling> {
  const inbox: string[] = [];
  await page.exposeFunction('tellSignaling', (text: string) => inbox.push(text));
  await page.evaluate(() => {
    const { tellSignaling } = window as unknown as { tellSignaling(text: string): void };
    const socket = window.longreachTaps.sockets.at(-1);
    socket?.addEventListener('message', ({ data }) => tellSignaling(String(data)));
  });
  return {
    send: (text) =>
      page.evaluate((message) => window.longreachTaps.sockets.at(-1)?.send(message), text),
    reply: (id) => takeReply(inbox, id),
  };
}

/** A link of its own, not logged in. */
export async function openRawLink(
  serverUrl: string,
): Promise<RawSignaling & { closed: Promise<number>; close(): void }> {
  const socket = new WebSocket(`${serverUrl.replace(/^http/, 'ws')}/signaling`);
  const inbox: string[] = [];
  socket.on('message', (data) => inbox.push(String(data)));
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve);
  });
  await once(socket, 'open');
  return {
    send: async (text) => socket.send(text),
    reply: (id) => takeReply(inbox, id),
    closed,
    close: () => socket.terminate(),
  };
}

function takeReply(inbox: string[], id: number): Promise<ReplyEnvelope> {
  return eventually(`a reply to ${id}`, () => {
    const at = inbox.findIndex((text) => (JSON.parse(text) as ReplyEnvelope).re === id);
    const [text] = at < 0 ? [] : inbox.splice(at, 1);
    return text === undefined ? undefined : (JSON.parse(text) as ReplyEnvelope);
  });
}
