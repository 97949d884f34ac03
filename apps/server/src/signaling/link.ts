import {
  type DeviceId,
  type MachineRequestBody,
  type MachineRequestVerb,
  NetworkErrorCode,
  type NoticeBody,
  type NoticeName,
  type ReplyEnvelope,
} from '@longreach/protocol';
import { PeerRequests } from '../peer-requests.ts';
import type { LinkTransport } from './link-transport.ts';

/** One transport of signaling to one peer, as sessions use it. */
export type Link = {
  /** Network address of the peer. */
  readonly address: string;
  /** Device that the transport has authenticated; a login of another one is refused. */
  readonly deviceId: DeviceId | undefined;
  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void;
  /** Asks a machine; resolves with its reply, whatever its code. Rejects when it does not answer. */
  ask<Verb extends MachineRequestVerb>(
    verb: Verb,
    body: MachineRequestBody<Verb>,
  ): Promise<ReplyEnvelope>;
  /** Closes for a reason; idempotent. */
  close(reason: LinkCloseReason): void;
};

/** Closing codes of a link, with the reason as text; WebSocket's own, and from 4000 on ours. Never reused. */
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

/** The sending half of a link. What comes in is the connection's work. */
export class PeerLink implements Link {
  readonly #transport: LinkTransport;
  readonly #pending: PeerRequests<ReplyEnvelope>;
  #isClosed = false;

  constructor(transport: LinkTransport, machineReplyMs: number) {
    this.#transport = transport;
    this.#pending = new PeerRequests({
      timeoutMs: machineReplyMs,
      max: maxMachineRequests,
      code: NetworkErrorCode.UnknownError,
      peer: 'the machine',
    });
  }

  get address(): string {
    return this.#transport.address;
  }

  get deviceId(): DeviceId | undefined {
    return this.#transport.deviceId;
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

  /** The transport is gone. */
  handleClosed(): void {
    this.#isClosed = true;
    this.#pending.lose('the link to the machine was lost');
  }

  close(reason: LinkCloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.close(linkCloseCodes[reason], reason);
    this.#pending.lose('the link to the machine was closed');
  }

  #send(envelope: object): void {
    if (this.#isClosed) return;
    if (this.#transport.bufferedBytes > maxBufferedBytes) {
      this.close('slowReader');
      return;
    }
    this.#transport.send(JSON.stringify(envelope));
  }
}
