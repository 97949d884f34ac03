import { type Clock, Emitter, LongreachError } from '@longreach/kit';
import { type DeviceId, NetworkErrorCode } from '@longreach/protocol';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/server-config.ts';
import type { Link, LinkCloseReason } from '../signaling/link.ts';
import { Presence, type PresenceState } from './presence.ts';
import { Session, type SessionInfo } from './session.ts';

/** Why a session ended. `replaced`: another login of the same device follows at once. */
export type SessionEndReason = 'loggedOut' | 'replaced' | 'silent' | 'serverClosing';

/** What happens to sessions. */
export type SessionsEvents = {
  opened: Session;
  resumed: Session;
  /** Never `left`: then the session has ended. */
  presenceChanged: { session: Session; state: Exclude<PresenceState, 'left'> };
  ended: { session: Session; reason: SessionEndReason };
};

/** All logged-in devices; one session per device id. */
export class Sessions extends Emitter<SessionsEvents> {
  readonly #byId = new Map<string, Session>();
  readonly #byDevice = new Map<DeviceId, Session>();
  readonly #timings: ServerConfig['timings'];
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(config: ServerConfig, clock: Clock, log: Logger) {
    super();
    this.#timings = config.timings;
    this.#clock = clock;
    this.#log = log;
  }

  findByDevice(deviceId: DeviceId): Session | undefined {
    return this.#byDevice.get(deviceId);
  }

  find(sessionId: string): Session | undefined {
    return this.#byId.get(sessionId);
  }

  all(): Session[] {
    return [...this.#byId.values()];
  }

  /**
   * Opens a session for a device that has shown its secret. When the id is online already, `forceLogin` 0
   * throws UserRepeatedJoin and 1 kicks the older one. One without a link is not online: it is replaced.
   * `announceOpened` follows as soon as the login is answered.
   */
  login(link: Link, id: string, info: SessionInfo, forceLogin: 0 | 1): Session {
    const older = this.#byDevice.get(info.deviceId);
    if (older?.link !== undefined && forceLogin === 0) {
      throw new LongreachError(NetworkErrorCode.UserRepeatedJoin, 'this id is online already');
    }
    if (older) {
      older.notify('kickedOut', { reason: 'another login of the same id' });
      this.end(older, 'replaced');
    }
    const session = this.#create(id, info);
    session.bind(link);
    this.#byId.set(session.id, session);
    this.#byDevice.set(info.deviceId, session);
    session.log.info('session opened');
    return session;
  }

  /** The reply to a login is on its way: from now on notices and requests may follow. */
  announceOpened(session: Session): void {
    this.emit('opened', session);
  }

  /** Continues a session on a new link. Throws UserNotJoined when it is over, InvalidUserSignature for a replaced token. */
  resume(link: Link, sessionId: string, generation: number): Session {
    const session = this.#byId.get(sessionId);
    if (session === undefined) {
      throw new LongreachError(
        NetworkErrorCode.UserNotJoined,
        'this session is over, log in again',
      );
    }
    if (!session.acceptGeneration(generation)) {
      throw new LongreachError(
        NetworkErrorCode.InvalidUserSignature,
        'this resume token was replaced',
      );
    }
    session.bind(link);
    session.presence.handleSign(this.#clock.nowUs());
    session.log.info('session resumed');
    return session;
  }

  /** The reply to a resume is on its way: from now on notices may follow. */
  announceResumed(session: Session): void {
    session.flushMissed();
    this.emit('resumed', session);
  }

  /** A message came from this session's peer. */
  handleSign(session: Session): void {
    this.#announce(session, session.presence.handleSign(this.#clock.nowUs()));
  }

  /** A link is gone; its session, if it has no newer one, waits to be resumed. */
  handleLinkLost(session: Session, link: Link): void {
    if (!session.unbind(link) || !this.#byId.has(session.id)) return;
    session.log.info('link lost');
    this.#announce(session, session.presence.handleLinkLost());
  }

  /** Ends a session; idempotent. */
  end(session: Session, reason: SessionEndReason): void {
    if (!this.#byId.delete(session.id)) return;
    this.#byDevice.delete(session.deviceId);
    session.closeLink(closeReasons[reason]);
    session.log.info({ reason }, 'session ended');
    this.emit('ended', { session, reason });
  }

  /** Time has passed: who is silent becomes suspect, and then leaves. */
  tick(): void {
    const nowUs = this.#clock.nowUs();
    for (const session of this.all()) {
      const state = session.presence.handleTick(nowUs);
      if (state === 'left') this.end(session, 'silent');
      else this.#announce(session, state);
    }
  }

  /** The server's own sign of life to everybody. */
  sendAlive(): void {
    for (const session of this.#byId.values()) session.link?.notify('alive', {});
  }

  #announce(session: Session, state: PresenceState | undefined): void {
    if (state === undefined || state === 'left') return;
    session.log.debug({ state }, 'presence changed');
    this.emit('presenceChanged', { session, state });
  }

  #create(id: string, info: SessionInfo): Session {
    const nowUs = this.#clock.nowUs();
    const { suspectMs, leftMs } = this.#timings;
    const presence = new Presence({ suspectUs: suspectMs * 1_000, leftUs: leftMs * 1_000 }, nowUs);
    const { deviceId, role } = info;
    const log = this.#log.child({ sessionId: id, deviceId, role });
    return new Session({ id, info, presence, log });
  }
}

const closeReasons: Record<SessionEndReason, LinkCloseReason> = {
  loggedOut: 'loggedOut',
  replaced: 'kickedOut',
  silent: 'silent',
  serverClosing: 'serverClosing',
};
