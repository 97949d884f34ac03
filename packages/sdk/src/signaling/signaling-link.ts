import { Backoff, Emitter, LongreachError } from '@longreach/kit';
import {
  limits,
  NetworkErrorCode,
  type NoticeEnvelope,
  type ReplyBody,
  type RequestBody,
  type RequestVerb,
} from '@longreach/protocol';
import { invalidParameters, linkDown, publishFailed, toError } from '../errors.ts';
import { every, type PageClock } from '../page/page-clock.ts';
import { retryWaits } from '../retry-waits.ts';
import type { LinkSignalingState } from '../states/signaling-states.ts';
import type {
  LinkIdentity,
  LinkTransport,
  LinkTransportHandlers,
  OpenLinkTransport,
} from './link-transport.ts';
import { RequestTable } from './request-table.ts';
import { isObject, noticeText, parseServerMessage, requestText } from './signaling-message.ts';
import { SilenceWatch } from './silence-watch.ts';

export type SignalingLinkOptions = {
  url: string;
  clock: PageClock;
  openTransport: OpenLinkTransport;
  random: () => number;
};

export type SignalingLinkEvents = {
  stateChanged: { state: LinkSignalingState; data: { suspect?: boolean } };
  noticeReceived: NoticeEnvelope;
  /** The link is usable again after a loss. `rooms`: those the server still has this session in. */
  reestablished: { rooms: readonly string[] };
  /** The link does not come back by itself. */
  ended: { error: Error; kicked: boolean };
};

/** The caller of `login`, who waits for the first attempt. */
type FirstLogin = { resolve: () => void; reject: (error: Error) => void };

type LinkState =
  | { kind: 'idle' }
  | {
      kind: 'entering';
      socket: LinkTransport;
      first: FirstLogin | undefined;
      cancelTimeout: () => void;
    }
  | { kind: 'up'; socket: LinkTransport; suspect: boolean; stop: () => void }
  | { kind: 'waiting'; cancel: () => void };

/** Reply bodies by verb; verbs that are not listed reply with nothing. */
export type ReplyOf<Verb extends RequestVerb> = Verb extends 'login' | 'resume'
  ? never
  : Verb extends keyof ReplyBodies
    ? ReplyBodies[Verb]
    : undefined;
type ReplyBodies = {
  [Verb in 'listGateways' | 'schedule' | 'join' | 'offer' | 'permission']: ReplyBody<Verb>;
};

const requestTimeoutMs = 5000;
/** Opening the socket and logging in together, ms. */
const enterTimeoutMs = 5000;
const silence = { suspectMs: 500, deadMs: 2000, checkMs: 100 };

/** The signaling link: one login that survives sockets. Reconnects, resumes and shows life by itself. */
export class SignalingLink extends Emitter<SignalingLinkEvents> {
  readonly #options: SignalingLinkOptions;
  readonly #requests: RequestTable;
  readonly #backoff = new Backoff(retryWaits);
  #state: LinkState = { kind: 'idle' };
  #credentials: RequestBody<'login'> | undefined;
  #resumeToken: string | undefined;
  #hasEntered = false;
  #wasUsed = false;
  #watch: SilenceWatch | undefined;

  constructor(options: SignalingLinkOptions) {
    super();
    this.#options = options;
    this.#requests = new RequestTable(options.clock);
  }

  /** Whether requests reach the server now. */
  get isUp(): boolean {
    return this.#state.kind === 'up';
  }

  /** Opens the link. A refused or failed first login is not repeated. */
  login(credentials: RequestBody<'login'>): Promise<void> {
    if (this.#state.kind !== 'idle') {
      return Promise.reject(invalidParameters('this client is logged in already'));
    }
    this.#credentials = credentials;
    if (!this.#wasUsed) this.#changeState('new', {});
    this.#wasUsed = true;
    return new Promise((resolve, reject) => this.#enter({ resolve, reject }));
  }

  /** Says goodbye and closes. Idempotent. */
  async logout(): Promise<void> {
    if (this.#state.kind === 'up') await this.request('logout', {}).catch(() => {});
    this.close();
  }

  /** Closes at once. Idempotent. */
  close(): void {
    if (this.#state.kind === 'idle') return;
    this.#dropSocket();
    this.#forgetLogin();
  }

  /** Asks the server; rejects with a catalogue error, at once while there is no link. */
  async request<Verb extends RequestVerb>(
    verb: Verb,
    body: RequestBody<Verb>,
    timeoutMs = requestTimeoutMs,
  ): Promise<ReplyOf<Verb>> {
    if (this.#state.kind !== 'up') throw linkDown();
    return (await this.#ask(this.#state.socket, verb, body, timeoutMs)) as ReplyOf<Verb>;
  }

  /** Ends a wait before the next attempt: the network may be back. */
  reconnectNow(): void {
    if (this.#state.kind !== 'waiting') return;
    this.#state.cancel();
    this.#enter();
  }

  #enter(first?: FirstLogin): void {
    this.#changeState(this.#hasEntered ? 'reconnecting' : 'connecting', {});
    let socket: LinkTransport;
    const fail = (error: Error) => {
      if (this.#state.kind !== 'entering' || this.#state.socket !== socket) return;
      first?.reject(error);
      this.#dropSocket();
      if (first) this.#changeState('disconnected', { message: error.message, retrying: false });
      else this.#handleEnterFailed(error);
    };
    const { clock, openTransport, url } = this.#options;
    try {
      const handlers: LinkTransportHandlers = {
        onOpened: () => {
          this.#authenticate(socket).then(() => first?.resolve(), fail);
        },
        onMessage: (data) => this.#handleMessage(socket, data),
        onClosed: (reason, refusal) => {
          if (this.#state.kind === 'up') this.#handleLost(socket, reason);
          else fail(refusal ?? linkDown());
        },
      };
      socket = openTransport(url, handlers, this.#credentials as LinkIdentity);
    } catch (error) {
      const failure = invalidParameters(`cannot open ${url}: ${toError(error).message}`);
      if (first) first.reject(failure);
      return;
    }
    const cancelTimeout = clock.after(enterTimeoutMs, () => fail(linkDown()));
    this.#state = { kind: 'entering', socket, first, cancelTimeout };
  }

  async #authenticate(socket: LinkTransport): Promise<void> {
    const resumed = await this.#resume(socket);
    const session = resumed ?? (await this.#logIn(socket));
    if (this.#state.kind !== 'entering' || this.#state.socket !== socket) throw linkDown();
    this.#state.cancelTimeout();
    this.#resumeToken = session.resumeToken;
    this.#backoff.reset();
    const isReturn = this.#hasEntered;
    this.#hasEntered = true;
    this.#state = { kind: 'up', socket, suspect: false, stop: this.#keepAlive(socket, session) };
    this.#changeState('connected', { resumed: resumed !== undefined });
    if (isReturn) this.emit('reestablished', { rooms: resumed?.rooms ?? [] });
  }

  /** Continues the session, or gives undefined when only a full login helps. */
  async #resume(socket: LinkTransport): Promise<ReplyBody<'resume'> | undefined> {
    const resumeToken = this.#resumeToken;
    if (resumeToken === undefined) return undefined;
    this.#resumeToken = undefined;
    try {
      const body = { resumeToken };
      return (await this.#ask(socket, 'resume', body, enterTimeoutMs)) as ReplyBody<'resume'>;
    } catch (error) {
      // Without an answer (the socket broke) the token may still be good.
      if (isLinkFailure(error)) this.#resumeToken = resumeToken;
      else return undefined;
      throw error;
    }
  }

  async #logIn(socket: LinkTransport): Promise<ReplyBody<'login'>> {
    return (await this.#ask(
      socket,
      'login',
      this.#credentials,
      enterTimeoutMs,
    )) as ReplyBody<'login'>;
  }

  #keepAlive(socket: LinkTransport, session: { heartbeatMs: number }): () => void {
    const { clock } = this.#options;
    const watch = new SilenceWatch(silence, clock.nowMs());
    this.#watch = watch;
    const stopAlive = every(clock, session.heartbeatMs, () => socket.send(noticeText('alive', {})));
    const stopWatch = every(clock, silence.checkMs, () => this.#checkSilence(socket, watch));
    return () => {
      stopAlive();
      stopWatch();
    };
  }

  #checkSilence(socket: LinkTransport, watch: SilenceWatch): void {
    if (this.#state.kind !== 'up') return;
    const verdict = watch.check(this.#options.clock.nowMs());
    if (verdict === 'dead') this.#handleLost(socket, 'the server is silent');
    else if (verdict === 'suspect' && !this.#state.suspect) {
      this.#state.suspect = true;
      this.#changeState('disconnected', { suspect: true, silentMs: watch.silentMs });
    }
  }

  #handleMessage(socket: LinkTransport, data: unknown): void {
    if (this.#state.kind !== 'up' && this.#state.kind !== 'entering') return;
    if (this.#state.socket !== socket) return;
    this.#watch?.handleHeard(this.#options.clock.nowMs());
    if (this.#state.kind === 'up' && this.#state.suspect) {
      this.#state.suspect = false;
      this.#changeState('connected', { suspect: false });
    }
    const message = parseServerMessage(data);
    if (message?.kind === 'reply') this.#requests.handleReply(message.envelope);
    else if (message?.kind === 'notice') this.#handleNotice(message.envelope);
  }

  #handleNotice(notice: NoticeEnvelope): void {
    if (notice.event !== 'kickedOut') {
      if (notice.event !== 'alive') this.emit('noticeReceived', notice);
      return;
    }
    const reason = isObject(notice.body) ? String(notice.body.reason) : '';
    this.close();
    const error = new LongreachError(NetworkErrorCode.UserRepeatedJoin, `kicked out: ${reason}`);
    this.emit('ended', { error, kicked: true });
  }

  #handleLost(socket: LinkTransport, reason: string): void {
    if (this.#state.kind !== 'up' || this.#state.socket !== socket) return;
    this.#dropSocket();
    this.#changeState('disconnected', { message: reason, retrying: true });
    this.#waitAndEnter();
  }

  #handleEnterFailed(error: Error): void {
    const code = error instanceof LongreachError && !isLinkFailure(error) ? error.code : undefined;
    // A secret that is refused now will be refused again; anything else only needs time.
    if (code === NetworkErrorCode.InvalidUserSignature) {
      this.#forgetLogin();
      this.emit('ended', { error, kicked: false });
      return;
    }
    this.#waitAndEnter();
  }

  #waitAndEnter(): void {
    const { clock, random } = this.#options;
    const delayMs = this.#backoff.nextMs(random());
    const cancel = clock.after(delayMs, () => this.#enter());
    this.#state = { kind: 'waiting', cancel };
  }

  #ask(
    socket: LinkTransport,
    verb: RequestVerb,
    body: unknown,
    timeoutMs: number,
  ): Promise<unknown> {
    return this.#requests.open(verb, timeoutMs, (id) => {
      const text = requestText(id, verb, body);
      if (text.length > limits.signalingMessageBytes) {
        throw invalidParameters(`${verb}: the message is larger than the server reads`);
      }
      if (!socket.send(text)) throw publishFailed(verb);
    });
  }

  #dropSocket(): void {
    const state = this.#state;
    this.#state = { kind: 'idle' };
    if (state.kind === 'entering') {
      state.cancelTimeout();
      state.first?.reject(linkDown());
    }
    if (state.kind === 'up') state.stop();
    if (state.kind === 'waiting') state.cancel();
    else if (state.kind !== 'idle') state.socket.close();
    this.#requests.rejectAll();
  }

  #forgetLogin(): void {
    this.#resumeToken = undefined;
    this.#hasEntered = false;
    this.#changeState('closed', {});
  }

  #changeState(state: LinkSignalingState, data: object): void {
    this.emit('stateChanged', { state, data });
  }
}

function isLinkFailure(error: unknown): boolean {
  if (!(error instanceof LongreachError)) return false;
  return ['linkDown', 'timeout', 'publishFailed'].includes(String(error.details.reason));
}
