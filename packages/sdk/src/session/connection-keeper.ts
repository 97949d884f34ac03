import { Backoff } from '@longreach/kit';
import { mediaFailed, toError } from '../errors.ts';
import { every, type PageClock } from '../page/page-clock.ts';
import { retryWaits } from '../retry-waits.ts';
import type { ToldConnectionState } from '../states/connection-states.ts';

/** What the keeper needs of a connection. */
export type KeptConnection = {
  readonly id: string;
  readonly state: RTCPeerConnectionState;
  /** So much gets lost that the other end may soon give it up. */
  readonly isEndangered: boolean;
  on(name: 'stateChanged', listener: (state: RTCPeerConnectionState) => void): () => void;
  on(name: 'videoArrived', listener: (slot: number) => void): () => void;
  on(name: 'channelClosed', listener: () => void): () => void;
  close(): void;
};

export type ConnectionKeeperOptions<Connection extends KeptConnection> = {
  clock: PageClock;
  random: () => number;
  open: () => Connection;
  /** Offers and takes the answer. */
  negotiate: (connection: Connection) => Promise<void>;
  /** Whether an offer can reach the server now; when it can again, `renew` is called. */
  canNegotiate: () => boolean;
  /** Whether the active connection brings new pictures. */
  isShowing: () => boolean;
  /** `connection` carries everything from now on; `previous` is closed right after. */
  onActive: (connection: Connection, previous: Connection | undefined) => void;
  onReleased: (connection: Connection) => void;
  onState: (state: ToldConnectionState, message: string) => void;
};

type Attempt<Connection> = { connection: Connection; end: () => void };
type FirstWaiter = { resolve: () => void; reject: (error: Error) => void };

/** Offer to connected, ms. */
const attemptTimeoutMs = 8000;
/** A connection that the browser calls disconnected may heal by itself this long, ms. */
const healMs = 1000;
/** The same while it still brings pictures: under heavy loss only the browser's checks failed for a while, ms. */
const healShowingMs = 12_000;
/** Looks so often whether the connection is to be replaced before it ends, ms. */
const endangeredPeriodMs = 1000;
/** How long a new connection waits for its first picture: while the old one may still show some, and while it does, ms. */
const firstPictureMs = 1000;
const firstPictureShowingMs = 5000;

/** Keeps one machine's media path up: a lost connection is replaced by a new one, make before break. */
export class ConnectionKeeper<Connection extends KeptConnection> {
  readonly #options: ConnectionKeeperOptions<Connection>;
  readonly #backoff = new Backoff(retryWaits);
  #active: Connection | undefined;
  #attempt: Attempt<Connection> | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelHeal: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  #first: FirstWaiter | undefined;
  #isCondemned = false;
  #closed = false;

  constructor(options: ConnectionKeeperOptions<Connection>) {
    this.#options = options;
  }

  get active(): Connection | undefined {
    return this.#active;
  }

  /** The one that carries everything, or will first. */
  get current(): Connection | undefined {
    return this.#active ?? this.#attempt?.connection;
  }

  /** The first connection: resolves when it is up, rejects when it fails. */
  start(prepared: Connection): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#options.onState('new', '');
      this.#try(prepared);
    });
  }

  /** Replaces the active connection. One attempt at a time; failed ones are repeated with growing waits. */
  renew(reason: string): void {
    if (this.#closed || this.#first || this.#attempt || this.#cancelRetry) return;
    if (!this.isHealthy) this.#options.onState('reconnecting', reason);
    if (!this.#options.canNegotiate()) return;
    try {
      this.#try(this.#options.open());
    } catch (thrown) {
      this.#options.onState('limit_exceeded', toError(thrown).message);
      this.renewLater(reason);
    }
  }

  /** The same after a wait that grows with each failure. */
  renewLater(reason: string): void {
    const { clock, random } = this.#options;
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(this.#backoff.nextMs(random()), () => {
      this.#cancelRetry = undefined;
      this.renew(reason);
    });
  }

  /** Gives up an attempt that cannot succeed any more (its server is gone) and begins anew. */
  restart(reason: string): void {
    if (this.#first) return;
    this.#attempt?.end();
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#backoff.reset();
    this.renew(reason);
  }

  /** The active connection is dead, whatever the browser still believes: replace it without waiting for it. */
  condemn(reason: string): void {
    this.#isCondemned = true;
    this.renew(reason);
  }

  /** The server dropped the connection `id`. */
  handleLost(id: string, reason: string): void {
    if (this.#active?.id === id) this.condemn(reason);
    else if (this.#attempt?.connection.id === id && !this.#first) this.restart(reason);
  }

  get isHealthy(): boolean {
    return this.#active?.state === 'connected' && !this.#isCondemned;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelHeal?.();
    this.#stopWatching?.();
    this.#attempt?.end();
    this.#active?.close();
    this.#first?.reject(mediaFailed('the session was closed'));
    this.#first = undefined;
    this.#options.onState('closed', '');
  }

  #try(connection: Connection): void {
    const { clock, negotiate, onState } = this.#options;
    const cancels: Array<() => void> = [];
    const end = () => {
      for (const cancel of cancels) cancel();
      if (this.#attempt === attempt) this.#attempt = undefined;
      connection.close();
    };
    const attempt = { connection, end };
    this.#attempt = attempt;
    const fail = (error: Error) => {
      if (this.#attempt !== attempt) return;
      end();
      this.#handleFailed(error);
    };
    const succeed = () => {
      if (this.#attempt !== attempt) return;
      for (const cancel of cancels) cancel();
      this.#attempt = undefined;
      this.#promote(connection);
    };
    cancels.push(clock.after(attemptTimeoutMs, () => fail(mediaFailed('no media path in time'))));
    // The first picture may overtake the event that says connected.
    let hasVideo = false;
    cancels.push(
      connection.on('videoArrived', () => {
        hasVideo = true;
        if (connection.state === 'connected') succeed();
      }),
    );
    cancels.push(
      connection.on('stateChanged', (state) => {
        if (state === 'failed') fail(mediaFailed('the media path failed'));
        if (state === 'connecting' && this.#first) onState('connecting', '');
        if (state !== 'connected') return;
        const isShowing = this.#active !== undefined && this.#options.isShowing();
        if (hasVideo || (!this.isHealthy && !isShowing)) return succeed();
        const waitMs = isShowing ? firstPictureShowingMs : firstPictureMs;
        const giveWay = () => {
          // The old one has long healed, and a good picture is not given up for one that does not come.
          if (isShowing && this.#options.isShowing()) fail(mediaFailed('no picture in time'));
          else succeed();
        };
        cancels.push(clock.after(waitMs, giveWay));
      }),
    );
    negotiate(connection).catch((thrown) => fail(toError(thrown)));
  }

  #promote(connection: Connection): void {
    const previous = this.#active;
    this.#active = connection;
    this.#isCondemned = false;
    this.#cancelHeal?.();
    this.#backoff.reset();
    connection.on('stateChanged', (state) => this.#handleActiveState(connection, state));
    connection.on('channelClosed', () => {
      if (this.#active === connection) this.condemn('the data channels closed');
    });
    this.#stopWatching ??= every(this.#options.clock, endangeredPeriodMs, () => {
      if (this.#active?.isEndangered) this.renew('the connection may end');
    });
    this.#options.onActive(connection, previous);
    if (previous) {
      previous.close();
      this.#options.onReleased(previous);
    }
    this.#options.onState('connected', '');
    this.#first?.resolve();
    this.#first = undefined;
  }

  #handleActiveState(connection: Connection, state: RTCPeerConnectionState): void {
    if (this.#active !== connection || this.#closed) return;
    this.#cancelHeal?.();
    if (state === 'failed') {
      this.#options.onState('failed', '');
      this.renew('the media path failed');
    }
    if (state === 'connected' && this.isHealthy) this.#options.onState('connected', '');
    if (state !== 'disconnected') return;
    this.#options.onState('disconnected', '');
    this.#awaitHeal(this.#options.clock.nowMs());
  }

  #awaitHeal(sinceMs: number): void {
    const { clock, isShowing } = this.#options;
    this.#cancelHeal = clock.after(healMs, () => {
      const isPatient = isShowing() && clock.nowMs() - sinceMs < healShowingMs;
      if (isPatient) this.#awaitHeal(sinceMs);
      else this.renew('disconnected');
    });
  }

  #handleFailed(error: Error): void {
    if (this.#first) {
      this.#options.onState('failed', error.message);
      this.#first.reject(error);
      this.#first = undefined;
      return;
    }
    this.renewLater(error.message);
  }
}
