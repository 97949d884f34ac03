import { Backoff, Emitter, LongreachError } from '@longreach/kit';
import type { ClockOffset } from '@longreach/telemetry';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';
import { type OutageCause, OutageMeter } from '../statistics/outage-meter.ts';
import type { Log } from './log.ts';
import {
  type ConnectionStats,
  MediaConnection,
  type MediaConnectionOptions,
  type OfferParts,
} from './media-connection.ts';
import type { MediaPath } from './media-path.ts';
import type { PathFacts } from './path-report.ts';
import { Publication, type PublicationEvents, type PublicationOptions } from './publication.ts';

/** What the lasting session is made of. */
export type PeerSessionOptions = MediaConnectionOptions &
  PublicationOptions & {
    /** Sends an offer to the server and gives the answer's SDP; rejects while there is no link. */
    exchange(offer: OfferParts): Promise<string>;
    /** Whether an offer can be sent now. */
    isLinkReady(): boolean;
    log: Log;
  };

/** Events of the session, whichever connection they came through. */
export type PeerSessionEvents = PublicationEvents & {
  /** What is sent begins anew, or goes on after it could not be sent: every stream needs a key frame. */
  begun: Record<string, never>;
  /** No connection works now; a new one is being made. */
  lost: { reason: string };
  commandReceived: Uint8Array;
  voiceReceived: EncodedFrame;
};

/** Time for a new connection from its offer to connected, ms. */
const connectTimeoutMs = 4000;
const retry = { firstMs: 50, maxMs: 2000 };
/**
 * A lossy connection is replaced after so long, ms: the library asks for consent every five seconds without repeats and
 * gives a connection up after 30 s without an answer (RFC 7675). The rest is time for several attempts: a handshake
 * repeats what was lost after one second, then two.
 */
const lossyAgeMs = 10_000;
/** What is on its way on a replaced connection may still arrive, ms. */
const lingerMs = 300;

type Attempt = { connection: MediaConnection; timer: NodeJS.Timeout };

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
  #closed = false;
  readonly #outage = new OutageMeter(machineClock.nowUs());

  constructor(options: PeerSessionOptions) {
    super();
    this.#options = options;
    this.#setOutage('connection', true);
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

  /** The server says that its end of a connection is gone. */
  handleConnectionLost(connectionId: string, reason: string): void {
    if (this.#attempt?.connection.id === connectionId) this.#abandonAttempt();
    else if (this.#current?.id === connectionId) {
      this.#isDown = true;
      this.#setOutage('connection', true);
    } else return;
    this.renew(reason);
  }

  /** Makes a new connection beside the present one, which goes on until the new one is up. */
  renew(reason: string): void {
    // Without a link there is nobody to offer to; `handleLinkReady` comes back here.
    if (this.#closed || this.#attempt || !this.#options.isLinkReady()) return;
    clearTimeout(this.#retryTimer);
    this.#options.log.info({ reason }, 'connecting media');
    const publication = this.#publicationToCarry();
    const connection = new MediaConnection(publication, this.#options);
    const timer = setTimeout(() => this.#fail(attempt, 'it took too long'), connectTimeoutMs);
    const attempt: Attempt = { connection, timer };
    this.#attempt = attempt;
    // While the present one works, the new one takes over when its other end is up, too.
    connection.on('connected', () => {
      if (!this.isConnected()) this.#adopt(attempt);
    });
    connection.on('heard', () => this.#adopt(attempt));
    connection.on('down', ({ reason, isGone }) => this.#handleDown(connection, reason, isGone));
    this.#forward(connection);
    connection
      .open((offer) => this.#options.exchange(offer))
      .catch((error: unknown) => {
        if (!(error instanceof LongreachError)) throw error;
        this.#fail(attempt, error.message);
      });
  }

  /** Sends one encoded frame on the working connection, if there is one. */
  sendFrame(frame: EncodedFrame): void {
    this.#current?.publication.sendFrame(frame);
  }

  /** Sends one report frame on the working connection, if there is one. */
  sendReport(frame: Uint8Array): void {
    this.#current?.sendReport(frame);
  }

  /** The worker's clock minus the machine's, by the working connection. */
  clockOffset(): ClockOffset | undefined {
    return this.#current?.clockOffset();
  }

  /** The way of what is published, if there is a connection. */
  get path(): MediaPath | undefined {
    return this.#current?.publication.path;
  }

  stats(): ConnectionStats | undefined {
    return this.#current?.stats();
  }

  /** What is known of the way over the network; bytes and outage are those since the last call. */
  takePathFacts(): PathFacts {
    const sentBytes = { media: 0, audio: 0, parity: 0, repeat: 0, probe: 0 };
    return {
      ...(this.#current?.takePathFacts() ?? { sentBytes }),
      isConnected: this.isConnected(),
      outageUs: this.#outage.take(machineClock.nowUs()),
    };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#ageTimer);
    this.#dropRetired();
    this.#abandonAttempt();
    const current = this.#current;
    this.#current = undefined;
    if (current) this.#discard(current);
    this.clear();
  }

  #forward(connection: MediaConnection): void {
    connection.on('commandReceived', (bytes) => this.emit('commandReceived', bytes));
    connection.on('voiceReceived', (frame) => this.emit('voiceReceived', frame));
  }

  /** What works is carried on; what could not be sent is over, and another one begins. */
  #publicationToCarry(): Publication {
    const present = this.#current?.publication;
    if (present?.isMovable && this.isConnected()) return present;
    const publication = new Publication(this.#options);
    if (present) publication.path.follow(present.path);
    publication.on('keyFrameWanted', (wish) => this.emit('keyFrameWanted', wish));
    return publication;
  }

  #adopt(attempt: Attempt): void {
    if (this.#attempt !== attempt) return;
    const { connection, timer } = attempt;
    const { publication } = connection;
    const goesOn = this.isConnected() && this.#current?.publication === publication;
    // The next message is another chance.
    if (goesOn && !publication.isMovable) return;
    clearTimeout(timer);
    this.#attempt = undefined;
    this.#retire(this.#current);
    this.#current = connection;
    this.#isDown = false;
    this.#watchOutages(publication.path, goesOn);
    connection.carry();
    this.#watchAge(connection);
    this.#backoff.reset();
    this.#options.log.info({ goesOn }, 'media connected');
    if (!goesOn) this.emit('begun', {});
  }

  #watchOutages(path: MediaPath, goesOn: boolean): void {
    this.#setOutage('connection', false);
    if (goesOn) return;
    this.#setOutage('silence', path.isSilent);
    path.onSilence = (isSilent) => {
      if (this.path === path) this.#setOutage('silence', isSilent);
    };
  }

  #setOutage(cause: OutageCause, holds: boolean): void {
    this.#outage.set(cause, holds, machineClock.nowUs());
  }

  #retire(connection: MediaConnection | undefined): void {
    this.#dropRetired();
    if (!connection) return;
    const timer = setTimeout(() => this.#dropRetired(), lingerMs);
    this.#retired = { connection, timer };
  }

  #dropRetired(): void {
    if (!this.#retired) return;
    const { connection, timer } = this.#retired;
    clearTimeout(timer);
    this.#retired = undefined;
    this.#discard(connection);
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
      this.#discard(connection);
    }
    this.#isDown = true;
    this.#setOutage('connection', true);
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
    const { connection, timer } = this.#attempt;
    clearTimeout(timer);
    this.#attempt = undefined;
    this.#discard(connection);
  }

  /** Ends a connection, and what it carried unless another one carries that. */
  #discard(connection: MediaConnection): void {
    connection.close();
    const others = [this.#current, this.#attempt?.connection, this.#retired?.connection];
    const { publication } = connection;
    if (!others.some((other) => other?.publication === publication)) publication.close();
  }
}
