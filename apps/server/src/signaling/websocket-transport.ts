import type { WebSocket } from 'ws';
import type { LinkTransport } from './link-transport.ts';

/** After this long without the closing handshake the socket is cut. */
const closeTimeoutMs = 1_000;

/** The sending half of a link over a WebSocket. */
export class WebSocketTransport implements LinkTransport {
  readonly address: string;
  readonly deviceId = undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, address: string) {
    this.#socket = socket;
    this.address = address;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    const timer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
