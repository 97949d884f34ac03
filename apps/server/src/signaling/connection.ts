import { LongreachError, TokenBucket } from '@longreach/kit';
import {
  NetworkErrorCode,
  type NoticeEnvelope,
  type RequestEnvelope,
  requestSchemas,
} from '@longreach/protocol';
import type { Session } from '../rooms/session.ts';
import { parseBody, parseMessage, unknownRequestId } from './envelope.ts';
import { handleVerb, isTableVerb } from './handlers/handler-table.ts';
import { handleMachineNotice, isMachineNotice } from './handlers/machine-notices.ts';
import type { PeerLink } from './link.ts';
import { openSession, resumeSession } from './login.ts';
import type { Services } from './services.ts';

/** Messages above the rate, one after the other, after which the link is closed. */
const maxRefusedInRow = 1_000;

/** Who is at the other end. `busy`: a login is being checked. */
type ConnectionState =
  | { kind: 'anonymous'; failures: number; isBusy: boolean; deadline: NodeJS.Timeout }
  | { kind: 'session'; session: Session }
  | { kind: 'closed' };

/** The receiving half of one link: limits, parsing, login, and the verbs of its session. */
export class SignalingConnection {
  readonly #link: PeerLink;
  readonly #services: Services;
  readonly #bucket: TokenBucket;
  #state: ConnectionState;
  #inFlight = 0;
  #refusedInRow = 0;

  constructor(link: PeerLink, services: Services) {
    this.#link = link;
    this.#services = services;
    const { signalingMessagesPerSecond: rate } = services.config.limits;
    this.#bucket = new TokenBucket({ capacity: rate, perSecond: rate });
    const deadline = setTimeout(() => link.close('notLoggedIn'), services.config.timings.loginMs);
    this.#state = { kind: 'anonymous', failures: 0, isBusy: false, deadline };
  }

  get isAnonymous(): boolean {
    return this.#state.kind === 'anonymous';
  }

  /** One message came. Never throws for what a peer may send. */
  handleMessage(data: Uint8Array, isBinary: boolean): void {
    // Closed from our side, a link still delivers what was under way; nobody is there to do it.
    if (this.#state.kind === 'closed' || this.#link.isClosed) return;
    const message = parseMessage(data, isBinary);
    const isStop = message.kind === 'request' && message.envelope.verb === 'emergencyStop';
    if (!this.#bucket.take(1, this.#services.clock.nowUs()) && !isStop) {
      this.#refuseRate(message.kind === 'request' ? message.envelope.id : undefined);
      return;
    }
    this.#refusedInRow = 0;
    if (this.#state.kind === 'session') this.#services.sessions.handleSign(this.#state.session);
    switch (message.kind) {
      case 'malformed':
        this.#link.reply(message.id ?? unknownRequestId, message.code, message.message);
        this.#countFailure();
        break;
      case 'request':
        this.#startRequest(message.envelope);
        break;
      case 'reply':
        this.#link.handleReply(message.envelope);
        break;
      case 'notice':
        this.#handleNotice(message.envelope);
        break;
    }
  }

  /** The transport is gone. */
  handleClosed(): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#link.handleClosed();
    if (state.kind === 'anonymous') clearTimeout(state.deadline);
    if (state.kind === 'session') {
      this.#services.sessions.handleLinkLost(state.session, this.#link);
    }
  }

  #refuseRate(id: number | undefined): void {
    this.#refusedInRow += 1;
    if (this.#refusedInRow > maxRefusedInRow) this.#link.close('tooManyMessages');
    else if (id !== undefined) {
      this.#link.reply(id, NetworkErrorCode.ServerOverload, 'too many messages');
    }
  }

  #startRequest(envelope: RequestEnvelope): void {
    const { id, verb } = envelope;
    if (
      this.#inFlight >= this.#services.config.limits.requestsInFlight &&
      verb !== 'emergencyStop'
    ) {
      this.#link.reply(id, NetworkErrorCode.ServerOverload, 'too many requests at once');
      return;
    }
    this.#inFlight += 1;
    this.#answer(envelope)
      .catch((error: unknown) => this.#replyError(id, verb, error))
      .finally(() => {
        this.#inFlight -= 1;
      });
  }

  async #answer({ id, verb, body }: RequestEnvelope): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return;
    if (state.kind === 'anonymous') return this.#logIn(state, id, verb, body);
    if (verb === 'login' || verb === 'resume') {
      throw new LongreachError(NetworkErrorCode.UserRepeatedJoin, 'this link has logged in');
    }
    if (verb === 'logout') {
      parseBody(requestSchemas.logout, body);
      this.#link.reply(id, NetworkErrorCode.Success, 'ok');
      this.#services.sessions.end(state.session, 'loggedOut');
      return;
    }
    if (!isTableVerb(verb)) throw unknownVerb();
    const context = { session: state.session, services: this.#services };
    const reply = await handleVerb(context, verb, body);
    this.#link.reply(id, NetworkErrorCode.Success, 'ok', reply);
  }

  async #logIn(
    state: ConnectionState & { kind: 'anonymous' },
    id: number,
    verb: string,
    body: unknown,
  ): Promise<void> {
    if (state.isBusy) throw new LongreachError(NetworkErrorCode.UserNotJoined, 'log in first');
    state.isBusy = true;
    // Runs in one go with the session's opening, so that nothing overtakes the reply.
    const accept = (session: Session, reply: object) => {
      clearTimeout(state.deadline);
      this.#state = { kind: 'session', session };
      this.#link.reply(id, NetworkErrorCode.Success, 'ok', reply);
    };
    const isOpen = () => this.#state === state;
    try {
      if (verb === 'login') {
        await openSession(this.#services, this.#link, parseBody(requestSchemas.login, body), {
          isOpen,
          accept,
        });
      } else if (verb === 'resume') {
        await resumeSession(this.#services, this.#link, parseBody(requestSchemas.resume, body), {
          isOpen,
          accept,
        });
      } else if (verb === 'logout' || isTableVerb(verb)) {
        throw new LongreachError(NetworkErrorCode.UserNotJoined, 'log in first');
      } else {
        throw unknownVerb();
      }
    } finally {
      state.isBusy = false;
    }
  }

  #handleNotice({ event, body }: NoticeEnvelope): void {
    if (!isMachineNotice(event) || this.#state.kind !== 'session') return;
    const { session } = this.#state;
    const isOwn = session.info.role === 'field' && hasDevice(body, session.deviceId);
    if (isOwn && handleMachineNotice(this.#services.rooms, event, body)) return;
    session.log.warn({ event }, 'notice dropped');
  }

  #replyError(id: number, verb: string, error: unknown): void {
    if (error instanceof LongreachError) {
      this.#link.reply(id, error.code as NetworkErrorCode, error.message);
    } else {
      this.#services.log.error({ err: error }, 'request failed by a bug');
      this.#link.reply(id, NetworkErrorCode.UnknownError, 'the server failed');
    }
    // Being refused as a repeated login is an answer to the right secret.
    const isGuess = !(
      error instanceof LongreachError && error.code === NetworkErrorCode.UserRepeatedJoin
    );
    if (isGuess || verb !== 'login') this.#countFailure();
  }

  /** Before the login, only so many mistakes are heard out. */
  #countFailure(): void {
    if (this.#state.kind !== 'anonymous') return;
    this.#state.failures += 1;
    const { failedLoginsPerConnection } = this.#services.config.limits;
    if (this.#state.failures >= failedLoginsPerConnection) this.#link.close('failedLogins');
  }
}

/** A machine speaks of itself only. */
function hasDevice(body: unknown, deviceId: string): boolean {
  return (body as { deviceId?: unknown } | null)?.deviceId === deviceId;
}

function unknownVerb(): LongreachError {
  return new LongreachError(NetworkErrorCode.InvalidParameters, 'unknown verb');
}
