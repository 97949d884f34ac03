import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over a connection whose client asked for an upgrade. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Hands the HTTP server's upgrades to whom their path belongs; any other path is answered with 404. */
export class UpgradeRouter {
  readonly #http: Server;
  readonly #handlers = new Map<string, UpgradeHandler>();
  readonly #onUpgrade: UpgradeHandler = (request, socket, head) =>
    this.#handleUpgrade(request, socket, head);

  constructor(http: Server) {
    this.#http = http;
    http.on('upgrade', this.#onUpgrade);
  }

  /** From now on upgrades of `path` are `handler`'s. */
  add(path: string, handler: UpgradeHandler): void {
    this.#handlers.set(path, handler);
  }

  /** Takes no more upgrades; idempotent. */
  close(): void {
    this.#http.off('upgrade', this.#onUpgrade);
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that resets during the handshake must not take the server down.
    socket.on('error', () => socket.destroy());
    const [path = ''] = (request.url ?? '').split('?');
    const handler = this.#handlers.get(path);
    if (handler) handler(request, socket, head);
    else refuseUpgrade(socket, '404 Not Found');
  }
}

/** Answers an upgrade with an HTTP status and closes. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
