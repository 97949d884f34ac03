import type { MediaType } from '@longreach/protocol';
import { toError } from '../errors.ts';
import type { ToldConnectionState } from '../states/connection-states.ts';
import { ConnectionKeeper, type KeptConnection } from './connection-keeper.ts';
import type { SessionContext } from './session-context.ts';

/** What is needed of a connection for one track. */
export type KeptTrack = KeptConnection & {
  createOffer(iceServers: RTCIceServer[]): Promise<string>;
  acceptAnswer(sdp: string): Promise<void>;
  midOf(slot: number): string;
};

export type TrackConnectionsOptions<Track extends KeptTrack> = {
  context: Pick<SessionContext, 'deviceId' | 'link' | 'clock' | 'random'> & {
    createTrack: () => Track;
  };
  /** Stream that each slot shall show. */
  wanted: () => ReadonlyArray<number | undefined>;
  iceServers: () => RTCIceServer[];
  canNegotiate: () => boolean;
  /** Whether new pictures of a stream appear. */
  isShowing: (streamId: number) => boolean;
  /** The pictures of `slot` come over `connection` from now on, of `streamId` at first; `previous` is closed. */
  onActive: (change: ActiveTrack<Track>) => void;
  onReleased: (connection: Track) => void;
  onState: (track: TrackState) => void;
};

/** A connection that carries a slot's pictures from now on. */
export type ActiveTrack<Track> = {
  slot: number;
  connection: Track;
  previous: Track | undefined;
  /** What it was offered with. */
  streamId: number | undefined;
};

/** State of the connection of one track. */
export type TrackState = {
  streamId: number;
  mediaType: MediaType;
  state: ToldConnectionState;
  message: string;
};

/** One connection for each video slot of a session (`sdkMode` server2), each kept up by itself. */
export class TrackConnections<Track extends KeptTrack> {
  readonly #options: TrackConnectionsOptions<Track>;
  readonly #keepers = new Map<number, ConnectionKeeper<Track>>();
  readonly #offered = new WeakMap<Track, number | undefined>();
  #isStarted = false;
  #closed = false;

  constructor(options: TrackConnectionsOptions<Track>) {
    this.#options = options;
  }

  /** Connections that carry pictures now. */
  get active(): Track[] {
    const active = [...this.#keepers.values()].map((keeper) => keeper.active);
    return active.filter((connection) => connection !== undefined);
  }

  /** The one that carries a slot's pictures, or will first. */
  currentOf(slot: number): Track | undefined {
    return this.#keepers.get(slot)?.current;
  }

  /** Brings up a connection for every slot that is to show something; settles when each is up or has failed once. */
  async start(): Promise<void> {
    this.#isStarted = true;
    await this.apply();
  }

  /** A slot without a connection gets one when it is to show something. */
  async apply(): Promise<void> {
    if (!this.#isStarted || this.#closed) return;
    const begun: Array<Promise<void>> = [];
    this.#options.wanted().forEach((streamId, slot) => {
      if (streamId !== undefined && !this.#keepers.has(slot)) begun.push(this.#begin(slot));
    });
    await Promise.all(begun);
  }

  /** Replaces every connection while the present ones go on. */
  renew(reason: string): void {
    for (const keeper of this.#keepers.values()) keeper.renew(reason);
  }

  /** The way to the server is dead for all of them. */
  condemn(reason: string): void {
    for (const keeper of this.#keepers.values()) keeper.condemn(reason);
  }

  /** Replaces those that are not up, giving up attempts under way. */
  restart(reason: string): void {
    for (const keeper of this.#keepers.values()) {
      keeper.condemn(reason);
      keeper.restart(reason);
    }
  }

  /** Replaces the connection of one slot. */
  renewSlot(slot: number, reason: string): void {
    this.#keepers.get(slot)?.renew(reason);
  }

  /** The server dropped the connection `id`. */
  handleLost(id: string, reason: string): void {
    for (const keeper of this.#keepers.values()) keeper.handleLost(id, reason);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    for (const keeper of this.#keepers.values()) keeper.close();
  }

  async #begin(slot: number): Promise<void> {
    const keeper = this.#createKeeper(slot);
    this.#keepers.set(slot, keeper);
    let prepared: Track;
    try {
      prepared = this.#options.context.createTrack();
    } catch (thrown) {
      const { message } = toError(thrown);
      this.#tellState(slot, 'limit_exceeded', message);
      keeper.renewLater(message);
      return;
    }
    // One track that does not come up leaves the others alone: it is tried again.
    await keeper.start(prepared).catch((error: Error) => keeper.renewLater(error.message));
  }

  #createKeeper(slot: number): ConnectionKeeper<Track> {
    const { context, canNegotiate, isShowing, wanted, onActive, onReleased } = this.#options;
    const { clock, random } = context;
    return new ConnectionKeeper<Track>({
      ...{ clock, random, canNegotiate },
      isShowing: () => {
        const streamId = wanted()[slot];
        return streamId !== undefined && isShowing(streamId);
      },
      open: () => context.createTrack(),
      negotiate: (connection) => this.#negotiate(slot, connection),
      onActive: (connection, previous) =>
        onActive({ slot, connection, previous, streamId: this.#offered.get(connection) }),
      onReleased,
      onState: (state, message) => this.#tellState(slot, state, message),
    });
  }

  async #negotiate(slot: number, connection: Track): Promise<void> {
    const { context, iceServers, wanted } = this.#options;
    const sdp = await connection.createOffer(iceServers());
    const streamId = wanted()[slot];
    const mid = connection.midOf(slot);
    const answer = await context.link.request('offer', {
      deviceId: context.deviceId as never,
      connectionId: connection.id,
      sdp,
      slots: streamId === undefined ? [] : [{ mid, streamId, mediaType: 'video' }],
    });
    this.#offered.set(connection, streamId);
    await connection.acceptAnswer(answer.sdp);
  }

  #tellState(slot: number, state: TrackState['state'], message: string): void {
    const streamId = this.#options.wanted()[slot];
    if (streamId === undefined) return;
    this.#options.onState({ streamId, mediaType: 'video', state, message });
  }
}
