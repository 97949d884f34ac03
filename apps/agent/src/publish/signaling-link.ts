import { Backoff, Emitter, LongreachError } from '@longreach/kit';
import {
  NetworkErrorCode,
  type NoticeBody,
  type NoticeEnvelope,
  type NoticeName,
  type ReplyBody,
  type RequestBody,
  type RequestEnvelope,
  type RequestVerb,
} from '@longreach/protocol';
import { machineClock } from '../local/machine-clock.ts';
import type { OpenLinkTransport } from './link-transport.ts';
import type { Log } from './log.ts';
import { SignalingSocket } from './signaling-socket.ts';

/** What the link logs in with. */
export type SignalingLinkOptions = {
  open: OpenLinkTransport;
  login: RequestBody<'login'>;
  /** Token of an earlier link whose session goes on. */
  resumeToken?: string | undefined;
  log: Log;
};

/** Events of the signaling link. */
export type SignalingLinkEvents = {
  /** Logged in. `resumed` = the server still knows this session, its room and its connections. */
  ready: { resumed: boolean };
  lost: { reason: string };
  requestReceived: RequestEnvelope;
  noticeReceived: NoticeEnvelope;
  /** The token that a later link resumes with; undefined = only a login helps. */
  resumeTokenChanged: { token: string | undefined };
};

/** Server silence after which the link is given up, ms. */
const silenceMs = 1000;
const silenceCheckMs = 100;
/** A check that comes so late says that this process stood still, not that the server is silent. */
const lateCheckMs = 3 * silenceCheckMs;
const retry = { firstMs: 100, maxMs: 2000 };
/** Waits after a refusal that only time can cure. */
const repeatedJoinWaitMs = 300;
const refusedWaitMs = 2000;
/** Servers count failed logins by address: a wrong key must not lock out its neighbours. */
const wrongKeyWaitMs = 10_000;
const kickedWaitMs = 5000;

/** The machine's signaling link: connects, resumes or logs in, shows life, and does so again after every loss. */
export class SignalingLink extends Emitter<SignalingLinkEvents> {
  readonly #options: SignalingLinkOptions;
  readonly #backoff = new Backoff(retry);
  #socket: SignalingSocket | undefined;
  #resumeToken: string | undefined;
  #isReady = false;
  #isKicked = false;
  #closed = false;
  #waitMs: number | undefined;
  #heardUs = 0;
  #checkedUs = 0;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: SignalingLinkOptions) {
    super();
    this.#options = options;
    this.#resumeToken = options.resumeToken;
    this.#after(0, () => this.#connect());
  }

  /** Whether requests and notices reach the server now. */
  isReady(): boolean {
    return this.#isReady;
  }

  /** Asks the server; rejects with a LongreachError, at once while the link is not ready. */
  async request<Verb extends RequestVerb>(verb: Verb, body: RequestBody<Verb>): Promise<unknown> {
    if (!this.#socket || !this.#isReady) {
      throw new LongreachError(NetworkErrorCode.UnknownError, 'there is no link', {
        retryable: true,
      });
    }
    return await this.#socket.request(verb, body);
  }

  /** Tells the server, if the link is ready. */
  notify<Name extends NoticeName>(event: Name, body: NoticeBody<Name>): void {
    if (this.#isReady) this.#socket?.notify(event, body);
  }

  /** Answers a request of the server, if its link is still there. */
  reply(id: number, code: NetworkErrorCode, message: string, body?: unknown): void {
    if (this.#isReady) this.#socket?.reply(id, code, message, body);
  }

  /** Logs out and ends the link. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isReady) void this.#socket?.request('logout', {}).catch(() => {});
    this.#isReady = false;
    this.#clearTimers();
    this.#socket?.close();
    this.clear();
  }

  #connect(): void {
    const socket = new SignalingSocket(this.#options.open);
    this.#socket = socket;
    this.#waitMs = undefined;
    socket.on('opened', () => void this.#enter(socket));
    socket.on('heard', () => {
      this.#heardUs = machineClock.nowUs();
    });
    socket.on('requestReceived', (request) => this.emit('requestReceived', request));
    socket.on('noticeReceived', (notice) => this.#handleNotice(notice));
    socket.on('closed', ({ reason, refusal }) => {
      if (refusal) this.#noteRefusal(refusal.code);
      this.#handleClosed(reason);
    });
  }

  async #enter(socket: SignalingSocket): Promise<void> {
    try {
      const resumed = await this.#resume(socket);
      const session = resumed ?? (await this.#login(socket));
      if (this.#closed || this.#socket !== socket) return;
      this.#keepToken(session.resumeToken);
      this.#isReady = true;
      this.#isKicked = false;
      this.#backoff.reset();
      this.#startHeartbeat(socket, session.heartbeatMs);
      this.#options.log.info({ resumed: resumed !== undefined }, 'signaling ready');
      this.emit('ready', { resumed: resumed !== undefined });
    } catch (error) {
      this.#handleRefusal(socket, error);
    }
  }

  async #resume(socket: SignalingSocket): Promise<ReplyBody<'resume'> | undefined> {
    const resumeToken = this.#resumeToken;
    if (resumeToken === undefined) return undefined;
    // Used once: whatever the answer, the next link has another token or logs in.
    this.#keepToken(undefined);
    try {
      return (await socket.request('resume', { resumeToken })) as ReplyBody<'resume'>;
    } catch (error) {
      if (error instanceof LongreachError && !error.retryable) return undefined;
      this.#keepToken(resumeToken);
      throw error;
    }
  }

  async #login(socket: SignalingSocket): Promise<ReplyBody<'login'>> {
    // Whoever kicked us was started on purpose: do not fight, wait until the id is free.
    const { login } = this.#options;
    const body = this.#isKicked ? { ...login, forceLogin: 0 as const } : login;
    return (await socket.request('login', body)) as ReplyBody<'login'>;
  }

  #handleRefusal(socket: SignalingSocket, error: unknown): void {
    const code = error instanceof LongreachError ? error.code : NetworkErrorCode.UnknownError;
    this.#noteRefusal(code);
    socket.terminate(`login refused with code ${code}`);
  }

  #noteRefusal(code: number): void {
    this.#waitMs = waitAfterRefusal(code);
    if (this.#waitMs !== undefined && code !== NetworkErrorCode.UserRepeatedJoin) {
      this.#options.log.error({ code }, 'the server refuses this machine');
    }
  }

  #handleNotice(notice: NoticeEnvelope): void {
    if (notice.event === 'kickedOut') {
      this.#isKicked = true;
      this.#keepToken(undefined);
      this.#waitMs = kickedWaitMs;
      this.#options.log.warn({}, 'kicked out: the same id logged in elsewhere');
    }
    this.emit('noticeReceived', notice);
  }

  #handleClosed(reason: string): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.#socket = undefined;
    this.#clearTimers();
    if (this.#closed) return;
    const waitMs = this.#waitMs ?? this.#backoff.nextMs();
    this.#after(waitMs, () => this.#connect());
    if (!wasReady) return;
    this.#options.log.warn({ reason }, 'signaling lost');
    this.emit('lost', { reason });
  }

  #startHeartbeat(socket: SignalingSocket, heartbeatMs: number): void {
    const periodMs = Math.min(Math.max(heartbeatMs, 20), silenceMs);
    socket.notify('alive', {});
    this.#every(periodMs, () => socket.notify('alive', {}));
    this.#heardUs = machineClock.nowUs();
    this.#checkedUs = this.#heardUs;
    this.#every(silenceCheckMs, () => this.#checkSilence(socket));
  }

  #checkSilence(socket: SignalingSocket): void {
    const nowUs = machineClock.nowUs();
    const wasLate = nowUs - this.#checkedUs > lateCheckMs * 1000;
    this.#checkedUs = nowUs;
    if (!wasLate && nowUs - this.#heardUs > silenceMs * 1000) socket.terminate('server silent');
  }

  #keepToken(token: string | undefined): void {
    this.#resumeToken = token;
    this.emit('resumeTokenChanged', { token });
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #every(ms: number, act: () => void): void {
    this.#timers.add(setInterval(act, ms));
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** How long to wait after a login refused with this code, ms; undefined = as after a lost link. */
function waitAfterRefusal(code: number): number | undefined {
  switch (code) {
    case NetworkErrorCode.UnknownError:
      return undefined;
    case NetworkErrorCode.UserRepeatedJoin:
      return repeatedJoinWaitMs;
    case NetworkErrorCode.InvalidUserSignature:
    case NetworkErrorCode.InvalidAuthServerSignature:
      return wrongKeyWaitMs;
    default:
      return refusedWaitMs;
  }
}
