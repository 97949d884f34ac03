import { Emitter, LongreachError, type NoReplyCause, PendingReplies } from '@longreach/kit';
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  limits,
  NetworkErrorCode,
  type NoticeBody,
  type NoticeEnvelope,
  type NoticeName,
  type ReplyEnvelope,
  type RequestBody,
  type RequestEnvelope,
  type RequestVerb,
  replySchemas,
  signalingVersion,
} from '@longreach/protocol';
import { type RawData, WebSocket } from 'ws';
import { after } from '../local/after.ts';

/** Events of one signaling socket; `closed` comes once and is the last. */
export type SignalingSocketEvents = {
  opened: Record<string, never>;
  requestReceived: RequestEnvelope;
  noticeReceived: NoticeEnvelope;
  /** Any whole message: the server's sign of life. */
  heard: Record<string, never>;
  closed: { reason: string };
};

const handshakeTimeoutMs = 2000;
const replyTimeoutMs = 3000;
/** Requests that may wait for a reply at once. */
const maxPending = 32;
/** Bytes that may wait for a stuck network before the socket is given up. */
const maxBufferedBytes = 1024 * 1024;

/**
 * Offers and reports are compressed where the server agrees: one packet instead of four does not hold pictures up on
 * a thin network. Short messages are not, and no memory is kept between messages.
 */
const compression = {
  threshold: 1024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
} as const;

/** One WebSocket to the signaling endpoint: envelopes, replies matched to requests. It never connects again. */
export class SignalingSocket extends Emitter<SignalingSocketEvents> {
  readonly #socket: WebSocket;
  readonly #pending = new PendingReplies<ReplyEnvelope>({ max: maxPending, after });
  #reason = 'the connection closed';
  #closed = false;

  constructor(url: string) {
    super();
    this.#socket = new WebSocket(url, {
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: limits.signalingMessageBytes,
      perMessageDeflate: compression,
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

  async #exchange(verb: RequestVerb, body: unknown): Promise<unknown> {
    if (this.#closed) throw noReply('lost', verb);
    const reply = await this.#pending.ask({
      timeoutMs: replyTimeoutMs,
      send: (id) => this.#send({ v: signalingVersion, id, verb, body }),
      errorOf: (cause) => noReply(cause, verb),
    });
    if (reply.code !== NetworkErrorCode.Success) {
      throw new LongreachError(reply.code, reply.message);
    }
    return reply.body ?? {};
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
        this.#pending.settle(read.envelope.re, read.envelope);
        break;
      case 'malformed':
        if (read.id !== undefined) this.reply(read.id, read.code, read.message);
        break;
    }
  }

  #handleClose(): void {
    this.#closed = true;
    this.#pending.rejectAll();
    this.emit('closed', { reason: this.#reason });
    this.clear();
  }
}

const noReplyTexts: Record<NoReplyCause, string> = {
  tooMany: 'too many requests wait already',
  timeout: 'no reply in time',
  lost: 'the link is closed',
};

function noReply(cause: NoReplyCause, verb: RequestVerb): LongreachError {
  const message = `${verb}: ${noReplyTexts[cause]}`;
  return new LongreachError(NetworkErrorCode.UnknownError, message, { retryable: true });
}
