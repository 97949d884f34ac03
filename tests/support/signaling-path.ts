import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** A signaling endpoint that passes messages on to a server, changed on their way. */
export type SignalingPath = {
  readonly url: string;
  /** From now on nothing gets through in either direction, and nobody is told. */
  cut(): void;
  /** Lets everything pass again. */
  restore(): void;
  close(): Promise<void>;
};

/** Where messages go and what becomes of them. */
export type SignalingPathOptions = {
  /** Signaling endpoint of the server; asked for at each new link. */
  serverUrl: () => string;
  /** Changes what the server says. */
  rewrite: (text: string) => string;
};

const maxMessageBytes = 1024 * 1024;

/** Starts a signaling endpoint in front of a server. */
export async function createSignalingPath(options: SignalingPathOptions): Promise<SignalingPath> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, maxPayload: maxMessageBytes });
  const state = { isCut: false };
  const outgoing = new Set<WebSocket>();
  sockets.on('connection', (near) => {
    const far = new WebSocket(options.serverUrl());
    outgoing.add(far);
    far.on('close', () => outgoing.delete(far));
    join(near, far, state, options.rewrite);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/signaling`,
    cut: () => {
      state.isCut = true;
    },
    restore: () => {
      state.isCut = false;
    },
    close: async () => {
      for (const socket of [...outgoing, ...sockets.clients]) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A text with each candidate's port changed; candidates end `<address> <port> typ host`. */
export function withCandidatePort(text: string, from: number, to: number): string {
  return text.replaceAll(` ${from} typ`, ` ${to} typ`);
}

/** Passes messages both ways while the path is whole. A cut path loses them, as a network does in the end. */
function join(
  near: WebSocket,
  far: WebSocket,
  state: { isCut: boolean },
  rewrite: (text: string) => string,
): void {
  const early: string[] = [];
  near.on('message', (data: RawData) => {
    if (state.isCut) return;
    if (far.readyState === WebSocket.OPEN) far.send(String(data));
    else early.push(String(data));
  });
  far.on('open', () => {
    for (const text of early.splice(0)) far.send(text);
  });
  far.on('message', (data: RawData) => {
    if (!state.isCut) near.send(rewrite(String(data)));
  });
  near.on('error', () => {});
  far.on('error', () => {});
  near.on('close', () => far.terminate());
  far.on('close', () => near.terminate());
}
