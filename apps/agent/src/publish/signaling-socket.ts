import { Emitter, LongreachError } from '@longreach/kit';
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  limits,
  NetworkErrorCode,
  type NoticeBody,
  type NoticeEnvelope,
  type NoticeName,
  type RequestBody,
  type RequestEnvelope,
  type RequestVerb,
  replySchemas,
  signalingVersion,
} from '@longreach/protocol';
import { type RawData, WebSocket } from 'ws';

/** Events of one signaling socket; `closed` comes once and is the last. */
export type SignalingSocketEvents = {
  opened: Record<string, never>;
  requestReceived: RequestEnvelope;
  noticeReceived: NoticeEnvelope;
  /** Any whole message: the server's sign of life. */
  heard: Record<string, never>;
  closed: { reason: string };
};

type Pending = {
  resolve: (body: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
};

const handshakeTimeoutMs = 2000;
const replyTimeoutMs = 3000;
/** Requests that may wait for a reply at once. */
const maxPending = 32;
/** Bytes that may wait for a stuck network before the socket is given up. */
const maxBufferedBytes = 1024 * 1024;

/** One WebSocket to the signaling endpoint: envelopes, replies matched to requests. It never connects again. */
export class SignalingSocket extends Emitter<SignalingSocketEvents> {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #reason = 'the connection closed';
  #closed = false;

  constructor(url: string) {
    super();
    this.#socket = new WebSocket(url, {
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: limits.signalingMessageBytes,
      perMessageDeflate: false,
    });
    this.#socket.on('open', () => this.emit('opened', {}));
    this.#socket.on('message', (data, isBinary) => this.#handleMessage(data, isBinary));
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', () => this.#handleClose());
  }

  /** Asks the server; gives the reply's body, read by its schema. Rejects with a LongreachError of the reply's code. */
  async request<Verb extends RequestVerb>(verb: Verb, body: RequestBody<Verb>): Promise<unknown> {
    const reply = await this.#exchange(verb, body);
    if (!Object.hasOwn(replySchemas, verb)) return undefined;
    const result = replySchemas[verb as keyof typeof replySchemas].safeParse(reply);
    if (result.success) return result.data;
    throw new LongreachError(
      NetworkErrorCode.InvalidParameters,
      `the reply to ${verb} is unusable`,
    );
  }

  /** Tells the server; nothing comes back. */
  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void {
    this.#send({ v: signalingVersion, event, body });
  }

  /** Answers a request of the server. */
  reply(id: number, code: NetworkErrorCode, message: string, body?: unknown): void {
    const reply = { v: signalingVersion, re: id, code, message } as const;
    this.#send(body === undefined ? reply : { ...reply, body });
  }

  /** Ends the socket at once, without a closing handshake: the other side may be gone. */
  terminate(reason: string): void {
    this.#reason = reason;
    this.#socket.terminate();
  }

  /** Ends the socket politely; `closed` follows. */
  close(): void {
    this.#reason = 'closed on purpose';
    this.#socket.close();
  }

  #exchange(verb: RequestVerb, body: unknown): Promise<unknown> {
    if (this.#closed || this.#pending.size >= maxPending) {
      return Promise.reject(unreachable('no request can be sent now'));
    }
    this.#nextId = (this.#nextId + 1) & 0x7fffffff;
    const id = this.#nextId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(unreachable(`no reply to ${verb}`));
      }, replyTimeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#send({ v: signalingVersion, id, verb, body });
    });
  }

  #send(envelope: Envelope): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) {
      this.terminate('the server does not read');
      return;
    }
    this.#socket.send(encodeEnvelope(envelope));
  }

  #handleMessage(data: RawData, isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) return;
    const read = decodeEnvelope(data.toString('utf8'));
    this.emit('heard', {});
    switch (read.kind) {
      case 'request':
        this.emit('requestReceived', read.envelope);
        break;
      case 'notice':
        this.emit('noticeReceived', read.envelope);
        break;
      case 'reply':
        this.#settle(read.envelope.re, read.envelope);
        break;
      case 'malformed':
        if (read.id !== undefined) this.reply(read.id, read.code, read.message);
        break;
    }
  }

  #settle(id: number, reply: { code: NetworkErrorCode; message: string; body?: unknown }): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (reply.code === NetworkErrorCode.Success) pending.resolve(reply.body ?? {});
    else pending.reject(new LongreachError(reply.code, reply.message));
  }

  #handleClose(): void {
    this.#closed = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(unreachable('the link closed before the reply'));
    }
    this.#pending.clear();
    this.emit('closed', { reason: this.#reason });
    this.clear();
  }
}

function unreachable(message: string): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, message, { retryable: true });
}
