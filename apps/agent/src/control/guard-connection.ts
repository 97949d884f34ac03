import type { Socket } from 'node:net';
import { LongreachError } from '@longreach/kit';
import type { z } from 'zod';
import { LocalFrameReader } from '../local/framing.ts';
import type { guardHelloSchema } from '../local/messages.ts';
import { GuardErrorCode } from './errors.ts';

/** What a connection said it is. */
export type GuardRole = z.infer<typeof guardHelloSchema>['hello'];

/** What happens to a connection. */
export type GuardConnectionEvents = {
  /** A whole frame came; `payload` is good until the call returns. Throwing LocalFrameInvalid closes the connection. */
  onFrame: (connection: GuardConnection, type: number, payload: Buffer) => void;
  /** Called once. */
  onClose: (connection: GuardConnection, reason: string) => void;
};

/** Bytes that may wait in a socket before its reader counts as blocked. An actuator must never be behind. */
const maxBufferedBytes = { actuator: 4 * 1024, observer: 64 * 1024, transport: 256 * 1024 };
/** Largest frame that the guard takes, bytes: more than any message to it has. */
const maxFrameBytes = 256 * 1024;
const helloTimeoutMs = 2000;

/** One connection to the guard's socket: framing in, bounded sending out. */
export class GuardConnection {
  role: GuardRole | undefined;
  readonly #socket: Socket;
  readonly #events: GuardConnectionEvents;
  readonly #helloTimer: NodeJS.Timeout;
  #closeReason: string | undefined;

  constructor(socket: Socket, events: GuardConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#helloTimer = setTimeout(() => {
      if (this.role === undefined) this.close('no hello');
    }, helloTimeoutMs);
    const reader = new LocalFrameReader((type, payload) => {
      if (!this.isClosing) this.#events.onFrame(this, type, payload);
    }, maxFrameBytes);
    socket.on('data', (chunk) => this.#read(reader, chunk));
    // `close` follows and does the work.
    socket.on('error', () => {});
    socket.on('close', () => this.#handleClose());
  }

  /** Whether `close` was called. */
  get isClosing(): boolean {
    return this.#closeReason !== undefined;
  }

  /** Sends one encoded local frame at once. A reader that is too far behind loses its connection instead. */
  send(frame: Buffer): void {
    if (this.isClosing || this.#socket.destroyed) return;
    if (this.#socket.writableLength > maxBufferedBytes[this.role ?? 'observer']) {
      this.close('does not read');
      return;
    }
    this.#socket.write(frame);
  }

  /** Closes without waiting; `onClose` follows in a turn of its own. Idempotent. */
  close(reason: string): void {
    this.#closeReason ??= reason;
    this.#socket.destroy();
  }

  /** Closes after what was sent is written out. Idempotent. */
  end(): void {
    this.#closeReason ??= 'guard ends';
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #read(reader: LocalFrameReader, chunk: Buffer): void {
    if (this.isClosing) return;
    try {
      reader.push(chunk);
    } catch (error) {
      // Whatever is no broken input is our own bug, and must show.
      if (!isInvalidFrame(error)) throw error;
      this.close('malformed frame');
    }
  }

  #handleClose(): void {
    clearTimeout(this.#helloTimer);
    this.#closeReason ??= 'closed by the other side';
    this.#events.onClose(this, this.#closeReason);
  }
}

function isInvalidFrame(error: unknown): boolean {
  if (error instanceof LongreachError) return error.code === GuardErrorCode.LocalFrameInvalid;
  return error instanceof RangeError;
}
