import { createConnection, type Socket } from 'node:net';
import { Backoff, Emitter } from '@longreach/kit';
import { readLocalFrames } from './frame-stream.ts';
import { encodeLocalFrame, LocalFrame } from './framing.ts';

/** Events of a local client; `frameReceived` payloads are views that are good until the listener returns. */
export type LocalClientEvents = {
  connected: Record<string, never>;
  disconnected: Record<string, never>;
  frameReceived: { type: number; payload: Buffer };
};

/** Bytes that may wait in the socket before further frames are dropped: the other process is stuck. */
const maxBufferedBytes = 256 * 1024;
const firstRetryMs = 20;
const maxRetryMs = 500;

/** A client of one of the machine's local sockets that connects again for as long as it is open. */
export class LocalClient extends Emitter<LocalClientEvents> {
  readonly #path: string;
  readonly #backoff = new Backoff({ firstMs: firstRetryMs, maxMs: maxRetryMs });
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isConnected = false;
  #closed = false;

  constructor(path: string) {
    super();
    this.#path = path;
    this.#connect();
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  /** Sends one frame; false when nobody is connected, or more than `maxWaitingBytes` wait for a slow reader. */
  send(type: LocalFrame, payload: Uint8Array, maxWaitingBytes = maxBufferedBytes): boolean {
    const socket = this.#socket;
    if (!socket || !this.#isConnected || socket.writableLength > maxWaitingBytes) return false;
    socket.write(encodeLocalFrame(type, payload));
    return true;
  }

  /** Sends a JSON frame; same answer as `send`. */
  sendJson(message: object): boolean {
    return this.send(LocalFrame.json, Buffer.from(JSON.stringify(message)));
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.clear();
  }

  #connect(): void {
    const socket = createConnection(this.#path);
    this.#socket = socket;
    socket.on('connect', () => {
      this.#isConnected = true;
      this.#backoff.reset();
      this.emit('connected', {});
    });
    readLocalFrames(socket, (type, payload) => this.emit('frameReceived', { type, payload }));
    socket.on('close', () => this.#handleClose());
  }

  #handleClose(): void {
    this.#socket = undefined;
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#connect(), this.#backoff.nextMs());
    if (wasConnected) this.emit('disconnected', {});
  }
}
