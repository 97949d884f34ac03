import type { Unsubscribe } from '@longreach/kit';
import type { ConnectionState, MediaType, ReplyBody, StreamInfo } from '@longreach/protocol';
import { invalidParameters, streamNotFound, toError } from '../errors.ts';
import { connectionEvent } from '../media/connection-code.ts';
import type { MachineTime } from '../media/machine-time.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import { offerRequest } from '../media/offer-request.ts';
import { AudioOutput } from '../player/audio-output.ts';
import type { PresentedFrame } from '../player/player.ts';
import { type AutoplayResult, autoplayEvent } from './autoplay-event.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import { Lines, type MachineReport } from './lines.ts';
import { identityOf, Monitors } from './monitors.ts';
import type { SessionContext } from './session-context.ts';
import { SessionStats } from './session-stats.ts';
import { type ShownStream, SlotSync } from './slot-sync.ts';
import { SlotTable } from './slot-table.ts';
import { Viewers } from './viewers.ts';

export type SessionMediaOptions = {
  context: SessionContext;
  streams: StreamInfo[];
  /** Streams to show at once. */
  shown: readonly number[];
  slots: number;
  audio: boolean;
  /** Whether offers can be sent now. */
  canNegotiate: () => boolean;
  onReport: (report: MachineReport) => void;
};

/** The media of one machine: its wanted state (slots, elements, sound, microphone) over disposable connections. */
export class SessionMedia {
  readonly monitors: Monitors;
  readonly #options: SessionMediaOptions;
  readonly #table: SlotTable<HTMLVideoElement>;
  readonly #viewers: Viewers;
  readonly #sync: SlotSync;
  readonly #stats: SessionStats;
  readonly #keeper: ConnectionKeeper<MediaConnection>;
  readonly #audio: AudioOutput;
  readonly #lines: Lines;
  /** Streams that the slots of a connection were offered with. */
  readonly #offered = new WeakMap<MediaConnection, ReadonlyArray<number | undefined>>();
  #iceServers: RTCIceServer[] = [];
  #microphone: MediaStreamTrack | null = null;
  #lastState: ConnectionState | 'closed' | undefined;

  constructor(options: SessionMediaOptions) {
    this.#options = options;
    const { context } = options;
    this.monitors = new Monitors(context);
    this.#lines = new Lines({
      clock: context.clock,
      current: () => this.#keeper.current,
      onReport: options.onReport,
      monitors: this.monitors,
    });
    this.#table = new SlotTable(options.shown, options.slots);
    this.#viewers = new Viewers({
      createPlayer: context.createPlayer,
      table: this.#table,
      onFrame: (slot, frame) => this.#handleFrame(slot, frame),
      onAutoplay: (element, streamId, code, message) =>
        this.#tellAutoplay({ streamId, mediaType: 'video', code, message }, element),
    });
    this.#audio = new AudioOutput((code, message) => {
      const streamId = this.#audioStreamId();
      if (streamId !== undefined) {
        this.#tellAutoplay({ streamId, mediaType: 'audio', code, message });
      }
    });
    this.#sync = new SlotSync({
      context,
      table: this.#table,
      onShown: (connection, shown) => this.#handleShown(connection, shown),
    });
    this.#keeper = this.#createKeeper();
    this.#stats = new SessionStats({
      context,
      monitors: this.monitors,
      active: () => this.#keeper.active,
      watchedStreams: () => this.#watchedStreams(),
      onBufferCreep: (streamId, action) => this.#handleCreep(streamId, action),
    });
  }

  /** What is known of the machine's clock. */
  get time(): MachineTime {
    return this.#lines.time;
  }

  get connection(): MediaConnection | undefined {
    return this.#keeper.active;
  }

  /** Whether the media path is up and the worker answers. */
  get isHealthy(): boolean {
    const active = this.#keeper.active;
    return this.#keeper.isHealthy && active !== undefined && this.#lines.isAnswering(active);
  }

  /** Brings the first connection up. */
  async start(prepared: MediaConnection, joined: ReplyBody<'join'>): Promise<void> {
    this.setIceServers(joined);
    prepared.ensureVideoSlots(this.#table.streams.length);
    this.#follow(prepared);
    this.#stats.start();
    await this.#keeper.start(prepared);
  }

  /** ICE servers of later connections. */
  setIceServers(joined: ReplyBody<'join'>): void {
    this.#iceServers = joined.iceServers as RTCIceServer[];
  }

  /** Shows a stream in an element. */
  async attach(streamId: number, element: HTMLVideoElement): Promise<Unsubscribe> {
    if (!this.#options.streams.some((stream) => stream.streamId === streamId)) {
      throw streamNotFound(streamId);
    }
    const plan = this.#table.attach(element, streamId);
    if (plan.kind === 'full') throw invalidParameters('every slot is looked at; connect with more');
    this.#viewers.ensure(element);
    this.#showAll();
    if (plan.kind === 'switch') {
      try {
        await this.#sync.apply();
      } catch (error) {
        this.#table.setStream(plan.slot, plan.previous);
        throw error;
      }
    }
    return () => this.#detach(element);
  }

  /** Exchanges what two elements show; says whether both are this session's. */
  swap(first: HTMLVideoElement, second: HTMLVideoElement): boolean {
    if (!this.#table.swap(first, second)) return false;
    this.#showAll();
    return true;
  }

  /** Replaces the media path by a new one while the present one goes on. */
  renew(reason: string): void {
    this.#keeper.renew(reason);
  }

  /** The present path is dead; replaces it. */
  condemn(reason: string): void {
    this.#keeper.condemn(reason);
  }

  /** The same, at once and giving up an attempt under way: its server is another one now. */
  restart(reason: string): void {
    this.#keeper.condemn(reason);
    this.#keeper.restart(reason);
  }

  /** The server dropped one of our connections. */
  handleLost(connectionId: string, reason: string): void {
    this.#keeper.handleLost(connectionId, reason);
  }

  /** Whether a watched stream showed a new picture since then; true when nothing is watched. */
  hasPictureSince(sinceMs: number): boolean {
    const watched = [...this.#watchedStreams()];
    if (watched.length === 0 || !this.#context.isPageVisible()) return true;
    return watched.some((id) => (this.monitors.of(id).newest?.presentedMs ?? 0) > sinceMs);
  }

  setMuted(muted: boolean): void {
    this.#audio.setMuted(muted);
  }

  /** Publishes a microphone track, or none; kept over new connections. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    this.#microphone = track;
    await this.#keeper.current?.setMicrophone(track);
  }

  get microphone(): MediaStreamTrack | null {
    return this.#microphone;
  }

  /** The page was hidden or is seen again, or elements changed. */
  updateWatched(): void {
    this.monitors.setWatched(this.#watchedStreams());
  }

  /** Idempotent. */
  close(): void {
    const active = this.#keeper.active;
    if (active) this.#lines.close(active);
    this.#stats.close();
    this.#keeper.close();
    this.#viewers.close();
    this.#audio.close();
  }

  get #context(): SessionContext {
    return this.#options.context;
  }

  #createKeeper(): ConnectionKeeper<MediaConnection> {
    const { context, canNegotiate } = this.#options;
    return new ConnectionKeeper({
      clock: context.clock,
      random: context.random,
      canNegotiate,
      isShowing: () => this.monitors.isShowing(),
      open: () => {
        const connection = context.createConnection(this.#table.streams.length);
        this.#follow(connection);
        return connection;
      },
      negotiate: (connection) => this.#negotiate(connection),
      onActive: (connection, previous) => this.#handleActive(connection, previous),
      onReleased: (connection) => this.#release(connection),
      onState: (state, message) => this.#tellState(state, message),
    });
  }

  #follow(connection: MediaConnection): void {
    this.#lines.open(connection);
    const { playerFailure } = connection;
    if (playerFailure !== undefined) this.#context.player.fallBack(playerFailure);
    connection.on('playerFailed', (reason) => this.#handlePlayerFailed(connection, reason));
  }

  /** The connection of the failed player goes on with everything else until the next one shows pictures. */
  #handlePlayerFailed(connection: MediaConnection, reason: string): void {
    this.#context.player.fallBack(reason);
    if (connection === this.#keeper.active) this.#keeper.renew(reason);
    else this.#keeper.restart(reason);
  }

  async #negotiate(connection: MediaConnection): Promise<void> {
    const { deviceId, link } = this.#context;
    const streams = [...this.#table.streams];
    const sdp = await connection.createOffer(this.#iceServers);
    const offered = { sdp, streams, audioStreamId: this.#audioStreamId() };
    const answer = await link.request('offer', offerRequest(deviceId, connection, offered));
    this.#offered.set(connection, streams);
    await connection.acceptAnswer(answer.sdp);
    await connection.setMicrophone(this.#microphone);
    if (connection === this.#keeper.current) this.#showAll();
  }

  #handleActive(connection: MediaConnection, previous: MediaConnection | undefined): void {
    if (previous) {
      this.#lines.close(previous);
      this.#stats.drop(previous);
    }
    this.#lines.activate(connection);
    this.#sync.bind(connection, this.#offered.get(connection) ?? []);
    const audioStreamId = this.#audioStreamId();
    if (audioStreamId !== undefined) {
      this.#assign(connection, connection.audioMid, audioStreamId, 'audio', true);
      this.#audio.show(connection.audioStream);
    }
    this.#showAll();
    this.#sync.apply().catch((error) => this.#tellError(error));
    // Its player failed while the connection was still coming up.
    if (connection.player !== this.#context.player.kind) {
      this.#context.clock.after(0, () => this.#keeper.renew('the player changed'));
    }
  }

  /** The datagram player's buffer is our own and comes back by itself; a browser's sometimes does not. */
  #handleCreep(streamId: number, action: 'reset' | 'renew'): void {
    const connection = this.#keeper.active;
    if (connection?.player !== 'rtp') return;
    if (action === 'reset') connection.resetDelay(this.#table.streams.indexOf(streamId));
    else this.#keeper.renew('the jitter buffer does not come back');
  }

  #release(connection: MediaConnection): void {
    const { link, deviceId } = this.#context;
    if (!link.isUp) return;
    const body = { deviceId: deviceId as never, connectionId: connection.id };
    // The server may have dropped it already; then there is nothing to close.
    link.request('closeConnection', body).catch(() => {});
  }

  #handleShown(connection: MediaConnection, { slot, streamId, isFirst }: ShownStream): void {
    this.#assign(connection, connection.midOf(slot), streamId, 'video', isFirst);
    this.updateWatched();
  }

  #assign(
    connection: MediaConnection,
    mid: string,
    streamId: number | undefined,
    mediaType: MediaType,
    isFirst: boolean,
  ): void {
    const { deviceId } = this.#context;
    const identity = streamId === undefined ? undefined : identityOf(deviceId, streamId, mediaType);
    this.#stats.assign(connection, mid, identity, isFirst).catch((error) => this.#tellError(error));
  }

  #handleFrame(slot: number, frame: PresentedFrame): void {
    const connection = this.#keeper.current;
    const streamId = this.#table.streams[slot];
    if (!connection || streamId === undefined) return;
    const offset = this.#lines.timestampOffset(connection, connection.midOf(slot));
    this.monitors.of(streamId).handleFrame(frame, offset, this.#lines.time);
  }

  #detach(element: HTMLVideoElement): void {
    const freed = this.#table.detach(element);
    this.#viewers.remove(element);
    this.updateWatched();
    if (freed === undefined) return;
    this.#table.setStream(freed, undefined);
    this.#sync.apply().catch((error) => this.#tellError(error));
  }

  #showAll(): void {
    this.#viewers.showAll(this.#keeper.current);
    this.updateWatched();
  }

  #watchedStreams(): ReadonlySet<number> {
    const streams = this.#table.viewers.map((viewer) => this.#table.streamOf(viewer));
    return new Set(streams.filter((streamId) => streamId !== undefined));
  }

  #audioStreamId(): number | undefined {
    if (!this.#options.audio) return undefined;
    return this.#options.streams.find(({ mediaTypes }) => mediaTypes.includes('audio'))?.streamId;
  }

  #tellAutoplay(result: AutoplayResult, element?: HTMLVideoElement): void {
    const { deviceId, emit } = this.#context;
    emit('event', autoplayEvent(deviceId, result, element));
  }

  #tellState(state: ConnectionState | 'closed', message: string): void {
    if (state === this.#lastState) return;
    this.#lastState = state;
    const { deviceId, emit } = this.#context;
    emit('peerConnectionStateChanged', connectionEvent(deviceId, state, message));
  }

  #tellError(thrown: unknown): void {
    this.#context.emit('errorOccurred', toError(thrown));
  }
}
