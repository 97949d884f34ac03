import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SignalingConnection } from './connection.ts';
import { WebSocketLink } from './link.ts';
import type { Services } from './services.ts';

/** Where links are opened. */
export const signalingPath = '/signaling';
/**
 * Largest message that the socket reads at all, bytes. Above the protocol's limit, so that a message
 * that is somewhat too large is answered instead of breaking the link; above this one it is closed (1009).
 */
const maxReadBytes = 1024 * 1024;

/**
 * Long messages (offers, a machine's reports on itself) are compressed where the other side offers it: on a thin
 * network four packets at once hold the pictures up, one does not. No memory is kept between messages.
 */
const compression = {
  threshold: 1024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
} as const;

/** Accepts signaling links on the HTTP server. */
export class SignalingServer {
  /** Browsers would compress every sign of life, which costs more than it saves. */
  readonly #browsers = createSockets(false);
  readonly #others = createSockets(compression);
  readonly #services: Services;
  readonly #connections = new Set<SignalingConnection>();
  readonly #http: Server;
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    this.#handleUpgrade(request, socket, head);

  constructor(http: Server, services: Services) {
    this.#http = http;
    this.#services = services;
    http.on('upgrade', this.#onUpgrade);
  }

  /** Takes no more links and cuts those that are left; idempotent. */
  close(): void {
    this.#http.off('upgrade', this.#onUpgrade);
    for (const sockets of [this.#browsers, this.#others]) {
      sockets.close();
      for (const socket of sockets.clients) socket.close(1001, 'serverClosing');
    }
  }

  /** Cuts whatever did not close by itself. */
  terminate(): void {
    for (const sockets of [this.#browsers, this.#others]) {
      for (const socket of sockets.clients) socket.terminate();
    }
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that resets during the handshake must not take the server down.
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    if (path !== signalingPath) {
      refuse(socket, '404 Not Found');
      return;
    }
    const { anonymousConnections } = this.#services.config.limits;
    const anonymous = [...this.#connections].filter((connection) => connection.isAnonymous).length;
    if (anonymous >= anonymousConnections) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    const sockets = request.headers.origin === undefined ? this.#others : this.#browsers;
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#handleSocket(webSocket, request.socket.remoteAddress ?? 'unknown'),
    );
  }

  #handleSocket(socket: WebSocket, address: string): void {
    const { machineReplyMs } = this.#services.config.timings;
    const link = new WebSocketLink(socket, address, machineReplyMs);
    const connection = new SignalingConnection(link, this.#services);
    this.#connections.add(connection);
    socket.on('message', (data, isBinary) => {
      connection.handleMessage(data as Buffer, isBinary);
    });
    // `close` follows every error (too large, not UTF-8, reset); there is nothing else to do.
    socket.on('error', (error) => {
      this.#services.log.debug({ err: error }, 'link failed');
    });
    socket.on('close', () => {
      this.#connections.delete(connection);
      connection.handleClosed();
    });
  }
}

function createSockets(perMessageDeflate: false | typeof compression): WebSocketServer {
  const options = { noServer: true, maxPayload: maxReadBytes, clientTracking: true };
  return new WebSocketServer({ ...options, perMessageDeflate });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
