import { Emitter, LongreachError, type NoReplyCause, PendingReplies } from '@longreach/kit';
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
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
import { after } from '../local/after.ts';
import type { LinkTransport, OpenLinkTransport } from './link-transport.ts';

/** Events of one signaling connection; `closed` comes once and is the last. */
export type SignalingSocketEvents = {
  opened: Record<string, never>;
  requestReceived: RequestEnvelope;
  noticeReceived: NoticeEnvelope;
  /** Any whole message: the server's sign of life. */
  heard: Record<string, never>;
  /** `refusal`: the transport itself was not let in. */
  closed: { reason: string; refusal: LongreachError | undefined };
};

const replyTimeoutMs = 3000;
/** Requests that may wait for a reply at once. */
const maxPending = 32;
/** Bytes that may wait for a stuck network before the connection is given up. */
const maxBufferedBytes = 1024 * 1024;

/** One connection to the server's signaling: envelopes, replies matched to requests. It never connects again. */
export class SignalingSocket extends Emitter<SignalingSocketEvents> {
  readonly #transport: LinkTransport;
  readonly #pending = new PendingReplies<ReplyEnvelope>({ max: maxPending, after });
  #closed = false;

  constructor(open: OpenLinkTransport) {
    super();
    this.#transport = open({
      onOpened: () => this.emit('opened', {}),
      onText: (text) => this.#handleText(text),
      onClosed: (reason, refusal) => this.#handleClose(reason, refusal),
    });
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

  /** Ends the connection at once, without a goodbye: the other side may be gone. */
  terminate(reason: string): void {
    this.#transport.terminate();
    this.#handleClose(reason);
  }

  /** Ends the connection politely. */
  close(): void {
    this.#transport.close();
    this.#handleClose('closed on purpose');
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
    if (this.#closed) return;
    if (this.#transport.bufferedBytes > maxBufferedBytes) {
      this.terminate('the server does not read');
      return;
    }
    this.#transport.send(encodeEnvelope(envelope));
  }

  #handleText(text: string): void {
    if (this.#closed) return;
    const read = decodeEnvelope(text);
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

  #handleClose(reason: string, refusal?: LongreachError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pending.rejectAll();
    this.emit('closed', { reason, refusal });
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
