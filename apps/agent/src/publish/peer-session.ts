import { Backoff, Emitter, LongreachError } from '@longreach/kit';
import type { Encoding } from '@longreach/protocol';
import type { ClockOffset } from '@longreach/telemetry';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';
import type { Log } from './log.ts';
import {
  type ConnectionStats,
  MediaConnection,
  type MediaConnectionOptions,
  type OfferParts,
} from './media-connection.ts';
import type { MediaPath } from './media-path.ts';

/** What the lasting session is made of. */
export type PeerSessionOptions = MediaConnectionOptions & {
  /** Sends an offer to the server and gives the answer's SDP; rejects while there is no link. */
  exchange(offer: OfferParts): Promise<string>;
  /** Whether an offer can be sent now. */
  isLinkReady(): boolean;
  log: Log;
};

/** Events of the session, whichever connection they came through. */
export type PeerSessionEvents = {
  /** A new connection carries everything from now on; the next frame on it is a key frame of this stream. */
  connected: { keyStreamId: number | undefined };
  /** A new connection takes over from the working one with the next key frame. */
  replacing: Record<string, never>;
  /** No connection works now; a new one is being made. */
  lost: { reason: string };
  commandReceived: Uint8Array;
  voiceReceived: EncodedFrame;
  keyFrameWanted: { streamId: number; encoding: Encoding };
};

/** Time for a new connection from its offer to connected, ms. */
const connectTimeoutMs = 4000;
const retry = { firstMs: 50, maxMs: 2000 };
/**
 * A lossy connection is replaced after so long, ms: the library asks for consent every five seconds without repeats and
 * gives a connection up after 30 s without an answer (RFC 7675).
 */
const lossyAgeMs = 25_000;
/** How long a new connection that is up waits for a key frame while the present one works, ms. */
const keyFrameWaitMs = 300;
/** What is on its way on a replaced connection may still arrive, ms. */
const lingerMs = 300;
/** A `connectionLost` so soon after a change is about the connection before, µs. */
const changeGraceUs = 500_000;

type Attempt = {
  connection: MediaConnection;
  timer: NodeJS.Timeout;
  isAnswered: boolean;
  /** Both ends are up. */
  isReady: boolean;
};

/** The machine's lasting media session: one working connection, replaced by a new one whenever it fails. */
export class PeerSession extends Emitter<PeerSessionEvents> {
  readonly #options: PeerSessionOptions;
  readonly #backoff = new Backoff(retry);
  #current: MediaConnection | undefined;
  #attempt: Attempt | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #retired: { connection: MediaConnection; timer: NodeJS.Timeout } | undefined;
  /** The present connection may be down, but nothing better is there yet. */
  #isDown = false;
  #changedUs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: PeerSessionOptions) {
    super();
    this.#options = options;
  }

  isConnected(): boolean {
    return this.#current !== undefined && !this.#isDown;
  }

  /** The link is there (again). A server that does not know this session needs a new offer. */
  handleLinkReady(resumed: boolean): void {
    this.#backoff.reset();
    if (!resumed) this.#abandonAttempt();
    if (!resumed || !this.#current || this.#isDown) this.renew('the link is ready');
  }

  /** The server says that its end of the connection is gone. */
  handleConnectionLost(reason: string): void {
    if (this.#attempt) {
      if (!this.#attempt.isAnswered) return;
      this.#abandonAttempt();
    } else if (machineClock.nowUs() - this.#changedUs < changeGraceUs) {
      return;
    }
    this.#isDown = true;
    this.renew(reason);
  }

  /** Makes a new connection beside the present one, which goes on until the new one is up. */
  renew(reason: string): void {
    // Without a link there is nobody to offer to; `handleLinkReady` comes back here.
    if (this.#closed || this.#attempt || !this.#options.isLinkReady()) return;
    clearTimeout(this.#retryTimer);
    this.#options.log.info({ reason }, 'connecting media');
    const connection = new MediaConnection(this.#options);
    const timer = setTimeout(() => this.#fail(attempt, 'it took too long'), connectTimeoutMs);
    const attempt: Attempt = { connection, timer, isAnswered: false, isReady: false };
    this.#attempt = attempt;
    if (this.#current) connection.path.follow(this.#current.path);
    // While the present one works, the new one takes over when its other end is up, too.
    connection.on('connected', () => {
      if (!this.isConnected()) this.#adopt(attempt, undefined);
    });
    connection.on('heard', () => this.#handleReady(attempt));
    connection.on('down', ({ reason, isGone }) => this.#handleDown(connection, reason, isGone));
    this.#forward(connection);
    connection
      .open(async (offer) => {
        const answer = await this.#options.exchange(offer);
        attempt.isAnswered = true;
        return answer;
      })
      .catch((error: unknown) => {
        if (!(error instanceof LongreachError)) throw error;
        this.#fail(attempt, error.message);
      });
  }

  /** Sends one encoded frame on the working connection, if there is one. */
  sendFrame(frame: EncodedFrame): void {
    const isFirst = frame.mediaType === 'video' && frame.key && frame.encoding !== 'small';
    if (isFirst && this.#attempt?.isReady) this.#adopt(this.#attempt, frame.streamId);
    this.#current?.sendFrame(frame);
  }

  /** Sends one report frame on the working connection, if there is one. */
  sendReport(frame: Uint8Array): void {
    this.#current?.sendReport(frame);
  }

  /** The worker's clock minus the machine's, by the working connection. */
  clockOffset(): ClockOffset | undefined {
    return this.#current?.clockOffset();
  }

  /** The way of the working connection's media, if there is one. */
  get path(): MediaPath | undefined {
    return this.#current?.path;
  }

  stats(): ConnectionStats | undefined {
    return this.#current?.stats();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#ageTimer);
    this.#dropRetired();
    this.#abandonAttempt();
    this.#current?.close();
    this.#current = undefined;
    this.clear();
  }

  #forward(connection: MediaConnection): void {
    connection.on('commandReceived', (bytes) => this.emit('commandReceived', bytes));
    connection.on('voiceReceived', (frame) => this.emit('voiceReceived', frame));
    connection.on('keyFrameWanted', (wish) => this.emit('keyFrameWanted', wish));
  }

  #handleReady(attempt: Attempt): void {
    if (this.#attempt !== attempt) return;
    if (!this.isConnected()) {
      this.#adopt(attempt, undefined);
      return;
    }
    clearTimeout(attempt.timer);
    attempt.timer = setTimeout(() => this.#adopt(attempt, undefined), keyFrameWaitMs);
    attempt.isReady = true;
    this.emit('replacing', {});
  }

  #adopt(attempt: Attempt, keyStreamId: number | undefined): void {
    if (this.#attempt !== attempt) return;
    clearTimeout(attempt.timer);
    this.#attempt = undefined;
    this.#retire(this.#current);
    this.#current = attempt.connection;
    this.#isDown = false;
    this.#watchAge(attempt.connection);
    this.#changedUs = machineClock.nowUs();
    this.#backoff.reset();
    this.#options.log.info({}, 'media connected');
    this.emit('connected', { keyStreamId });
  }

  #retire(connection: MediaConnection | undefined): void {
    this.#dropRetired();
    if (!connection) return;
    const timer = setTimeout(() => this.#dropRetired(), lingerMs);
    this.#retired = { connection, timer };
  }

  #dropRetired(): void {
    clearTimeout(this.#retired?.timer);
    this.#retired?.connection.close();
    this.#retired = undefined;
  }

  #watchAge(connection: MediaConnection): void {
    clearTimeout(this.#ageTimer);
    this.#ageTimer = setTimeout(() => {
      if (this.#current !== connection) return;
      if (connection.isLossy) this.renew('heavy loss');
      else this.#watchAge(connection);
    }, lossyAgeMs);
  }

  #handleDown(connection: MediaConnection, reason: string, isGone: boolean): void {
    if (this.#attempt?.connection === connection) {
      this.#fail(this.#attempt, reason);
      return;
    }
    if (this.#current !== connection) return;
    this.#options.log.warn({ reason }, 'media connection down');
    if (isGone) {
      this.#current = undefined;
      connection.close();
    }
    this.#isDown = true;
    this.emit('lost', { reason });
    this.renew(reason);
  }

  #fail(attempt: Attempt, reason: string): void {
    if (this.#attempt !== attempt) return;
    this.#abandonAttempt();
    this.#options.log.info({ reason }, 'media connection failed');
    this.#retryTimer = setTimeout(() => this.renew('another attempt'), this.#backoff.nextMs());
  }

  #abandonAttempt(): void {
    if (!this.#attempt) return;
    clearTimeout(this.#attempt.timer);
    this.#attempt.connection.close();
    this.#attempt = undefined;
  }
}
