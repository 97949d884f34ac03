import { LongreachError } from '@longreach/kit';
import {
  type DeviceId,
  type MachineRequestBody,
  type MachineRequestVerb,
  NetworkErrorCode,
  type NoticeBody,
  type NoticeName,
  type ReplyEnvelope,
  type StreamInfo,
} from '@longreach/protocol';
import type { Logger } from 'pino';
import type { Link, LinkCloseReason } from '../signaling/link.ts';
import type { Presence } from './presence.ts';

/** Notices kept for a session that is without a link for a moment; more are dropped, oldest first. */
const maxMissed = 64;

/** What a peer says of itself when it logs in. */
export type SessionInfo = {
  role: 'field' | 'remote';
  deviceId: DeviceId;
  deviceName: string;
  deviceType: string;
  version: string;
  /** Field devices only. */
  streams: StreamInfo[];
};

/** One logged-in device, from login until it logs out, is kicked or has been silent for too long. Outlives its links. */
export class Session {
  readonly id: string;
  readonly info: SessionInfo;
  readonly presence: Presence;
  readonly log: Logger;
  /** Rooms that it is in; a field device's own is not among them. */
  readonly rooms = new Set<DeviceId>();
  #link: Link | undefined;
  #missed: Array<NoticeBody<'connectionLost'>> = [];
  // The newest token issued, and the one that the peer has last shown: its newest may never have arrived.
  #issuedGeneration = 1;
  #shownGeneration = 0;

  constructor(options: { id: string; info: SessionInfo; presence: Presence; log: Logger }) {
    this.id = options.id;
    this.info = options.info;
    this.presence = options.presence;
    this.log = options.log;
  }

  get deviceId(): DeviceId {
    return this.info.deviceId;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  /** Binds a link; the former one, if any, is closed. */
  bind(link: Link): void {
    this.#link?.close('resumedElsewhere');
    this.#link = link;
  }

  /** The link is gone, if it is still this session's; says whether it was. */
  unbind(link: Link): boolean {
    if (this.#link !== link) return false;
    this.#link = undefined;
    return true;
  }

  /** Closes the link; the session is over. */
  closeLink(reason: LinkCloseReason): void {
    this.#link?.close(reason);
    this.#link = undefined;
  }

  /** Takes a shown resume token's generation (the next one is its successor): false for one replaced before the last. */
  acceptGeneration(generation: number): boolean {
    if (generation !== this.#issuedGeneration && generation !== this.#shownGeneration) return false;
    if (generation === this.#issuedGeneration) this.#issuedGeneration += 1;
    this.#shownGeneration = generation;
    return true;
  }

  /** Sends a notice; without a link only the news of a lost connection is kept, the rest is told anew on resume. */
  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void {
    if (this.#link) {
      this.#link.notify(event, body);
      return;
    }
    if (event !== 'connectionLost') return;
    this.#missed.push(body as NoticeBody<'connectionLost'>);
    if (this.#missed.length > maxMissed) this.#missed.shift();
  }

  /** Sends what was kept. */
  flushMissed(): void {
    const missed = this.#missed;
    this.#missed = [];
    for (const body of missed) this.notify('connectionLost', body);
  }

  /** Asks this machine. Rejects with SourceUserNotExist while it has no link. */
  ask<Verb extends MachineRequestVerb>(
    verb: Verb,
    body: MachineRequestBody<Verb>,
  ): Promise<ReplyEnvelope> {
    if (this.#link) return this.#link.ask(verb, body);
    return Promise.reject(
      new LongreachError(
        NetworkErrorCode.SourceUserNotExist,
        'the field device is not reachable now',
        { retryable: true },
      ),
    );
  }
}
