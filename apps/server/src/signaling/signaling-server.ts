import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuseUpgrade, type UpgradeRouter } from '../api/upgrade-router.ts';
import type { LinkHost } from './links.ts';
import { WebSocketTransport } from './websocket-transport.ts';

/** Where links are opened. */
export const signalingPath = '/signaling';
/**
 * Largest message that a transport reads at all, bytes. Above the protocol's limit, so that a message
 * that is somewhat too large is answered instead of breaking the link; above this one it is closed (1009).
 */
export const maxReadBytes = 1024 * 1024;

/**
 * Long messages (offers, a machine's reports on itself) are compressed where the other side offers it: on a thin
 * network four packets at once hold the pictures up, one does not. No memory is kept between messages.
 */
const compression = {
  threshold: 1024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
} as const;

/** Accepts signaling links over WebSockets of the HTTP server. */
export class SignalingServer {
  /** Browsers would compress every sign of life, which costs more than it saves. */
  readonly #browsers = createSockets(false);
  readonly #others = createSockets(compression);
  readonly #links: LinkHost;
  readonly #log: Pick<Logger, 'debug'>;

  constructor(router: UpgradeRouter, links: LinkHost, log: Pick<Logger, 'debug'>) {
    this.#links = links;
    this.#log = log;
    router.add(signalingPath, (request, socket, head) =>
      this.#handleUpgrade(request, socket, head),
    );
  }

  /** Cuts the links that are left, after the router has closed; idempotent. */
  close(): void {
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
    const release = this.#links.reserve();
    if (!release) {
      refuseUpgrade(socket, '503 Service Unavailable');
      return;
    }
    // Released at once: the handshake is answered within this call, or never.
    release();
    const sockets = request.headers.origin === undefined ? this.#others : this.#browsers;
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#handleSocket(webSocket, request.socket.remoteAddress ?? 'unknown'),
    );
  }

  #handleSocket(socket: WebSocket, address: string): void {
    const receiver = this.#links.open(new WebSocketTransport(socket, address));
    socket.on('message', (data, isBinary) => receiver.handleMessage(data as Buffer, isBinary));
    // `close` follows every error (too large, not UTF-8, reset); there is nothing else to do.
    socket.on('error', (error) => {
      this.#log.debug({ err: error }, 'link failed');
    });
    socket.on('close', () => receiver.handleClosed());
  }
}

function createSockets(perMessageDeflate: false | typeof compression): WebSocketServer {
  const options = { noServer: true, maxPayload: maxReadBytes, clientTracking: true };
  return new WebSocketServer({ ...options, perMessageDeflate });
}
