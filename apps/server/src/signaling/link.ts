import {
  type MachineRequestBody,
  type MachineRequestVerb,
  NetworkErrorCode,
  type NoticeBody,
  type NoticeName,
  type ReplyEnvelope,
} from '@longreach/protocol';
import type { WebSocket } from 'ws';
import { PeerRequests } from '../peer-requests.ts';

/** One transport of signaling to one peer, as sessions use it. */
export type Link = {
  /** Network address of the peer. */
  readonly address: string;
  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void;
  /** Asks a machine; resolves with its reply, whatever its code. Rejects when it does not answer. */
  ask<Verb extends MachineRequestVerb>(
    verb: Verb,
    body: MachineRequestBody<Verb>,
  ): Promise<ReplyEnvelope>;
  /** Closes for a reason; idempotent. */
  close(reason: LinkCloseReason): void;
};

/** Close codes of the WebSocket, with the reason as text. 4000 and above are ours, never reused. */
export const linkCloseCodes = {
  loggedOut: 1000,
  serverClosing: 1001,
  tooManyMessages: 1008,
  notLoggedIn: 4000,
  kickedOut: 4001,
  resumedElsewhere: 4002,
  failedLogins: 4003,
  silent: 4004,
  slowReader: 4005,
} as const;
export type LinkCloseReason = keyof typeof linkCloseCodes;

/** Bytes that may wait for a peer that does not read; above, its link is closed and it may resume. */
const maxBufferedBytes = 1024 * 1024;
const maxMachineRequests = 256;
/** After this long without the closing handshake the socket is cut. */
const closeTimeoutMs = 1_000;

/** A link over a WebSocket: the sending half. What comes in is the connection's work. */
export class WebSocketLink implements Link {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #pending: PeerRequests<ReplyEnvelope>;
  #isClosed = false;

  constructor(socket: WebSocket, address: string, machineReplyMs: number) {
    this.#socket = socket;
    this.address = address;
    this.#pending = new PeerRequests({
      timeoutMs: machineReplyMs,
      max: maxMachineRequests,
      code: NetworkErrorCode.UnknownError,
      peer: 'the machine',
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void {
    this.#send({ v: 1, event, body });
  }

  ask<Verb extends MachineRequestVerb>(
    verb: Verb,
    body: MachineRequestBody<Verb>,
  ): Promise<ReplyEnvelope> {
    return this.#pending.ask((id) => this.#send({ v: 1, id, verb, body }));
  }

  /** Answers a request. */
  reply(re: number, code: NetworkErrorCode, message: string, body?: unknown): void {
    this.#send({ v: 1, re, code, message, ...(body === undefined ? {} : { body }) });
  }

  /** Takes a machine's reply; says whether it was awaited. */
  handleReply(envelope: ReplyEnvelope): boolean {
    return this.#pending.settle(envelope.re, envelope);
  }

  /** The socket is gone. */
  handleClosed(): void {
    this.#isClosed = true;
    this.#pending.lose('the link to the machine was lost');
  }

  close(reason: LinkCloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close(linkCloseCodes[reason], reason);
    const timer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#pending.lose('the link to the machine was closed');
  }

  #send(envelope: object): void {
    if (this.#isClosed) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) {
      this.close('slowReader');
      return;
    }
    this.#socket.send(JSON.stringify(envelope));
  }
}
