import { limits } from '@longreach/protocol';
import { type RawData, WebSocket } from 'ws';
import type { LinkTransport, LinkTransportHandlers, OpenLinkTransport } from './link-transport.ts';

const handshakeTimeoutMs = 2000;

/**
 * Offers and reports are compressed where the server agrees: one packet instead of four does not hold pictures up on
 * a thin network. Short messages are not, and no memory is kept between messages.
 */
const compression = {
  threshold: 1024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
} as const;

/** Gives what opens links over a WebSocket; who it is, the login says. */
export function createWebSocketOpener(url: string): OpenLinkTransport {
  return (handlers) => new WebSocketTransport(url, handlers);
}

class WebSocketTransport implements LinkTransport {
  readonly #socket: WebSocket;
  readonly #handlers: LinkTransportHandlers;
  #reason = 'the connection closed';
  #isClosed = false;

  constructor(url: string, handlers: LinkTransportHandlers) {
    this.#handlers = handlers;
    this.#socket = new WebSocket(url, {
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: limits.signalingMessageBytes,
      perMessageDeflate: compression,
    });
    this.#socket.on('open', () => {
      if (!this.#isClosed) handlers.onOpened();
    });
    this.#socket.on('message', (data, isBinary) => this.#handleMessage(data, isBinary));
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', (_code, reason) => this.#handleClose(String(reason)));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  terminate(): void {
    this.#isClosed = true;
    this.#socket.terminate();
  }

  #handleMessage(data: RawData, isBinary: boolean): void {
    if (this.#isClosed || isBinary || !Buffer.isBuffer(data)) return;
    this.#handlers.onText(data.toString('utf8'));
  }

  #handleClose(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handlers.onClosed(reason || this.#reason);
  }
}
