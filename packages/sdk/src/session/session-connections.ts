import type { MediaType, ReplyBody } from '@longreach/protocol';
import { connectionEvent } from '../media/connection-code.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import { offerRequest } from '../media/offer-request.ts';
import type { TrackConnection } from '../media/track-connection.ts';
import { connectionStates, type ToldConnectionState } from '../states/connection-states.ts';
import { StateTrack } from '../states/state-track.ts';
import { undocumentedStep } from '../states/undocumented-step.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import type { Monitors } from './monitors.ts';
import type { SessionContext } from './session-context.ts';
import type { SlotCarrier } from './slot-carrier.ts';
import { TrackConnections } from './track-connections.ts';

export type SessionConnectionsOptions = {
  context: SessionContext;
  /** Whether offers can be sent now. */
  canNegotiate: () => boolean;
  /** Stream that each slot shall show. */
  streams: () => ReadonlyArray<number | undefined>;
  /** Whose sound is wanted. */
  audioStreamId: () => number | undefined;
  monitors: Monitors;
  /** A connection of the messages was made, before its offer. */
  onOpened: (connection: MediaConnection) => void;
  /** It carries the messages and the sound from now on; `previous` is closed right after. */
  onActive: (connection: MediaConnection, previous: MediaConnection | undefined) => void;
  /** The pictures of `slot` come over `connection` from now on, of `streamId` at first. */
  onSlotActive: (connection: SlotCarrier, slot: number, streamId: number | undefined) => void;
  /** Media come over it no more. */
  onDropped: (connection: SlotCarrier) => void;
  /** What a slot receives may be another stream now. */
  onSourcesChanged: () => void;
};

/**
 * The connections of one session. `server`: one carries everything. `server2`: one carries sound and messages, and each
 * slot's pictures have another one. Each is replaced by itself when it is lost.
 */
export class SessionConnections {
  readonly #options: SessionConnectionsOptions;
  readonly #keeper: ConnectionKeeper<MediaConnection>;
  readonly #tracks: TrackConnections<TrackConnection> | undefined;
  /** Streams that the slots of a connection were offered with. */
  readonly #offered = new WeakMap<MediaConnection, ReadonlyArray<number | undefined>>();
  readonly #states = new Map<string, StateTrack<ToldConnectionState>>();
  #iceServers: RTCIceServer[] = [];
  #microphone: MediaStreamTrack | null = null;

  constructor(options: SessionConnectionsOptions) {
    this.#options = options;
    this.#tracks = options.context.mode === 'server2' ? this.#createTracks() : undefined;
    this.#keeper = this.#createKeeper();
  }

  /** The connection that carries the messages. */
  get active(): MediaConnection | undefined {
    return this.#keeper.active;
  }

  /** The same, or the first one while it comes up. */
  get current(): MediaConnection | undefined {
    return this.#keeper.current;
  }

  /** Whether that connection is up. */
  get isUp(): boolean {
    return this.#keeper.isHealthy;
  }

  get microphone(): MediaStreamTrack | null {
    return this.#microphone;
  }

  /** All that media come over now. */
  get carriers(): SlotCarrier[] {
    const { active } = this.#keeper;
    return [...(active ? [active] : []), ...(this.#tracks?.active ?? [])];
  }

  /** The connection that a slot's pictures come over, or will first. */
  carrierOf(slot: number): SlotCarrier | undefined {
    return this.#tracks ? this.#tracks.currentOf(slot) : this.#keeper.current;
  }

  /** Brings the first connections up. */
  async start(prepared: MediaConnection): Promise<void> {
    prepared.ensureVideoSlots(this.#sharedSlots);
    this.#follow(prepared);
    await Promise.all([this.#keeper.start(prepared), this.#tracks?.start()]);
  }

  /** A slot was given a stream and may need a connection. */
  async ensure(): Promise<void> {
    await this.#tracks?.apply();
  }

  /** ICE servers of later connections. */
  setIceServers(joined: ReplyBody<'join'>): void {
    this.#iceServers = joined.iceServers as RTCIceServer[];
  }

  /** Publishes a microphone track, or none; kept over new connections. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    this.#microphone = track;
    await this.#keeper.current?.setMicrophone(track);
  }

  /** Replaces every connection while the present ones go on. */
  renew(reason: string): void {
    this.#keeper.renew(reason);
    this.#tracks?.renew(reason);
  }

  /** Replaces the connection that a slot's pictures come over. */
  renewSlot(slot: number, reason: string): void {
    if (this.#tracks) this.#tracks.renewSlot(slot, reason);
    else this.#keeper.renew(reason);
  }

  /** The present path is dead; replaces it. */
  condemn(reason: string): void {
    this.#keeper.condemn(reason);
    this.#tracks?.condemn(reason);
  }

  /** The same, at once and giving up an attempt under way: its server is another one now. */
  restart(reason: string): void {
    this.#keeper.condemn(reason);
    this.#keeper.restart(reason);
    this.#tracks?.restart(reason);
  }

  /** The server dropped one of our connections. */
  handleLost(connectionId: string, reason: string): void {
    this.#keeper.handleLost(connectionId, reason);
    this.#tracks?.handleLost(connectionId, reason);
  }

  /** Idempotent. */
  close(): void {
    this.#keeper.close();
    this.#tracks?.close();
  }

  /** Slots of the connection that carries the messages. */
  get #sharedSlots(): number {
    return this.#tracks ? 0 : this.#options.streams().length;
  }

  #createKeeper(): ConnectionKeeper<MediaConnection> {
    const { context, canNegotiate, monitors, onDropped } = this.#options;
    return new ConnectionKeeper({
      clock: context.clock,
      random: context.random,
      canNegotiate,
      // Pictures that come another way say nothing of this one.
      isShowing: () => !this.#tracks && monitors.isShowing(),
      open: () => {
        const connection = context.createConnection(this.#sharedSlots);
        this.#follow(connection);
        return connection;
      },
      negotiate: (connection) => this.#negotiate(connection),
      onActive: (connection, previous) => {
        if (previous) onDropped(previous);
        this.#handleActive(connection, previous);
      },
      onReleased: (connection) => this.#release(connection),
      onState: (state, message) => this.#tellState(state, message, this.#soundTrack()),
    });
  }

  #createTracks(): TrackConnections<TrackConnection> {
    const { context, canNegotiate, monitors, streams } = this.#options;
    const { onDropped, onSlotActive, onSourcesChanged } = this.#options;
    return new TrackConnections({
      context,
      canNegotiate,
      wanted: streams,
      iceServers: () => this.#iceServers,
      isShowing: (streamId) => monitors.isShowing(streamId),
      onActive: ({ slot, connection, previous, streamId }) => {
        if (previous) onDropped(previous);
        onSlotActive(connection, slot, streamId);
        onSourcesChanged();
      },
      onReleased: (connection) => this.#release(connection),
      onState: ({ state, message, ...track }) => this.#tellState(state, message, track),
    });
  }

  #follow(connection: MediaConnection): void {
    const { context, onOpened } = this.#options;
    onOpened(connection);
    const { playerFailure } = connection;
    if (playerFailure !== undefined) context.player.fallBack(playerFailure);
    connection.on('playerFailed', (reason) => this.#handlePlayerFailed(connection, reason));
  }

  /** The connection of the failed player goes on with everything else until the next one shows pictures. */
  #handlePlayerFailed(connection: MediaConnection, reason: string): void {
    this.#options.context.player.fallBack(reason);
    if (connection === this.#keeper.active) this.#keeper.renew(reason);
    else this.#keeper.restart(reason);
  }

  async #negotiate(connection: MediaConnection): Promise<void> {
    const { context, audioStreamId, onSourcesChanged } = this.#options;
    const streams = this.#options.streams().slice(0, this.#sharedSlots);
    const sdp = await connection.createOffer(this.#iceServers);
    const offered = { sdp, streams, audioStreamId: audioStreamId() };
    const body = offerRequest(context.deviceId, connection, offered);
    const answer = await context.link.request('offer', body);
    this.#offered.set(connection, streams);
    await connection.acceptAnswer(answer.sdp);
    await connection.setMicrophone(this.#microphone);
    if (connection === this.#keeper.current) onSourcesChanged();
  }

  #handleActive(connection: MediaConnection, previous: MediaConnection | undefined): void {
    const { context, onActive, onSlotActive, onSourcesChanged } = this.#options;
    onActive(connection, previous);
    const offered = this.#offered.get(connection) ?? [];
    for (const [slot, streamId] of offered.entries()) onSlotActive(connection, slot, streamId);
    onSourcesChanged();
    // Its player failed while the connection was still coming up.
    if (connection.player !== context.player.kind) {
      context.clock.after(0, () => this.#keeper.renew('the player changed'));
    }
  }

  #release(connection: SlotCarrier): void {
    const { link, deviceId } = this.#options.context;
    if (!link.isUp) return;
    const body = { deviceId: deviceId as never, connectionId: connection.id };
    // The server may have dropped it already; then there is nothing to close.
    link.request('closeConnection', body).catch(() => {});
  }

  /** With a connection for each track, that of the messages is the sound's. */
  #soundTrack(): { streamId?: number; mediaType?: MediaType } {
    const streamId = this.#options.audioStreamId();
    return !this.#tracks || streamId === undefined ? {} : { streamId, mediaType: 'audio' };
  }

  #tellState(
    state: ToldConnectionState,
    message: string,
    track: { streamId?: number; mediaType?: MediaType },
  ): void {
    const key = `${track.streamId}:${track.mediaType}`;
    const states = this.#states.get(key) ?? new StateTrack(connectionStates);
    this.#states.set(key, states);
    const from = states.state;
    const step = states.enter(state);
    if (step === 'same') return;
    const { deviceId, emit } = this.#options.context;
    emit('peerConnectionStateChanged', connectionEvent(deviceId, state, message, track));
    if (step === 'undocumented') emit('errorOccurred', undocumentedStep('media path', from, state));
  }
}
