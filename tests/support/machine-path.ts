import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRelay, type Relay } from '@longreach/netem';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** The network between one machine and its server: signaling and media, cut and restored together. */
export type MachinePath = {
  /** Where the machine finds the "server". */
  url: string;
  /** From now on nothing gets through in either direction, and nobody is told. */
  cut(): void;
  /** Lets everything pass again. */
  restore(): void;
  close(): Promise<void>;
};

/** Where a machine's traffic goes to. */
export type MachinePathOptions = {
  /** Signaling endpoint of the server; asked for at each new link. */
  serverUrl: () => string;
  /** Media port that the server announces in its answers. */
  announcedPort: number;
  /** The worker's real media port. */
  mediaPort: number;
};

/** Puts a path that can be cut in front of the server; answers that pass name the path's own media port. */
export async function createMachinePath(options: MachinePathOptions): Promise<MachinePath> {
  const relay = await createRelay({ to: { address: '127.0.0.1', port: options.mediaPort } });
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, maxPayload: 1024 * 1024 });
  const state = { isCut: false };
  const outgoing = new Set<WebSocket>();
  sockets.on('connection', (near) => {
    const far = new WebSocket(options.serverUrl());
    outgoing.add(far);
    far.on('close', () => outgoing.delete(far));
    join(near, far, state, (text) => withPort(text, options.announcedPort, relay));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/signaling`,
    cut: () => {
      state.isCut = true;
      relay.cut();
    },
    restore: () => {
      state.isCut = false;
      relay.restore();
    },
    close: async () => {
      for (const socket of [...outgoing, ...sockets.clients]) socket.terminate();
      sockets.close();
      await Promise.all([new Promise((resolve) => http.close(resolve)), relay.close()]);
    },
  };
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

/** Candidates of an answer end `<address> <port> typ host`. */
function withPort(text: string, announcedPort: number, relay: Relay): string {
  return text.replaceAll(` ${announcedPort} typ`, ` ${relay.port} typ`);
}
