import { createConnection, type Socket } from 'node:net';
import { LocalFrameReader } from '../local/framing.ts';

/** What a link tells its owner; payloads are views that are good until the call returns. */
export type LocalLinkHandlers = {
  onConnect?: () => void;
  onFrame: (type: number, payload: Buffer) => void;
};

/** Bytes that may wait unsent; beyond, frames are dropped: the other process is stuck and only the newest counts. */
const maxBufferedBytes = 64 * 1024;
const firstRetryMs = 20;
const maxRetryMs = 320;

/** A connection to one of the machine's local sockets; it connects again until it is closed. */
export class LocalLink {
  readonly #path: string;
  readonly #handlers: LocalLinkHandlers;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  #isConnected = false;
  #isClosed = false;

  constructor(path: string, handlers: LocalLinkHandlers) {
    this.#path = path;
    this.#handlers = handlers;
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Sends a whole frame; false when it was dropped. */
  send(frame: Uint8Array): boolean {
    const socket = this.#socket;
    if (!this.#isConnected || !socket || socket.writableLength > maxBufferedBytes) return false;
    socket.write(frame);
    return true;
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = createConnection(this.#path);
    const reader = new LocalFrameReader(this.#handlers.onFrame);
    this.#socket = socket;
    socket.on('connect', () => {
      this.#isConnected = true;
      this.#retryMs = firstRetryMs;
      this.#handlers.onConnect?.();
    });
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        // Broken framing cannot be resynchronised; anything else is our own bug.
        if (!(error instanceof RangeError)) throw error;
        socket.destroy();
      }
    });
    // 'close' follows every error.
    socket.on('error', () => {});
    socket.on('close', () => this.#handleClose());
  }

  #handleClose(): void {
    this.#isConnected = false;
    this.#socket = undefined;
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }
}
