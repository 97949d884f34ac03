import type { Unsubscribe } from '@longreach/kit';
import type { MediaType, ReplyBody, StreamInfo } from '@longreach/protocol';
import { invalidParameters, streamNotFound, toError } from '../errors.ts';
import type { MachineTime } from '../media/machine-time.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import type { DecoderFacts } from '../media/video-input.ts';
import type { PresentedFrame } from '../player/player.ts';
import { type AutoplayResult, autoplayEvent } from './autoplay-event.ts';
import { Lines, type MachineReport } from './lines.ts';
import { MachineSound } from './machine-sound.ts';
import { identityOf, Monitors } from './monitors.ts';
import { SessionConnections } from './session-connections.ts';
import type { SessionContext } from './session-context.ts';
import { SessionStats } from './session-stats.ts';
import type { SlotCarrier } from './slot-carrier.ts';
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
  readonly #connections: SessionConnections;
  readonly #sound: MachineSound;
  readonly #lines: Lines;

  constructor(options: SessionMediaOptions) {
    this.#options = options;
    const { context } = options;
    this.monitors = new Monitors(context);
    this.#lines = new Lines({
      clock: context.clock,
      current: () => this.#connections.current,
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
    this.#sound = new MachineSound(options.streams, options.audio, (streamId, code, message) =>
      this.#tellAutoplay({ streamId, mediaType: 'audio', code, message }),
    );
    this.#sync = new SlotSync({
      context,
      table: this.#table,
      onShown: (connection, shown) => this.#handleShown(connection, shown),
    });
    this.#connections = this.#createConnections();
    this.#stats = new SessionStats({
      context,
      monitors: this.monitors,
      active: () => this.#connections.carriers,
      watchedStreams: () => this.#watchedStreams(),
      onBufferCreep: (streamId, action) => this.#handleCreep(streamId, action),
    });
  }

  /** What is known of the machine's clock. */
  get time(): MachineTime {
    return this.#lines.time;
  }

  /** The connection that carries the messages. */
  get connection(): MediaConnection | undefined {
    return this.#connections.active;
  }

  /** Whether the media path is up and the worker answers. */
  get isHealthy(): boolean {
    const { active, isUp } = this.#connections;
    return isUp && active !== undefined && this.#lines.isAnswering(active);
  }

  /** Brings the first connections up. */
  async start(prepared: MediaConnection, joined: ReplyBody<'join'>): Promise<void> {
    this.setIceServers(joined);
    this.#stats.start();
    await this.#connections.start(prepared);
  }

  /** ICE servers of later connections. */
  setIceServers(joined: ReplyBody<'join'>): void {
    this.#connections.setIceServers(joined);
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
        await this.#connections.ensure();
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
    this.#connections.renew(reason);
  }

  /** The present path is dead; replaces it. */
  condemn(reason: string): void {
    this.#connections.condemn(reason);
  }

  /** The same, at once and giving up an attempt under way: its server is another one now. */
  restart(reason: string): void {
    this.#connections.restart(reason);
  }

  /** The server dropped one of our connections. */
  handleLost(connectionId: string, reason: string): void {
    this.#connections.handleLost(connectionId, reason);
  }

  /** Streams that an element shows, and what is known of their decoders since the last call. */
  takeWatched(): Array<{ streamId: number; decoder: DecoderFacts | undefined }> {
    return [...this.#watchedStreams()].map((streamId) => {
      const slot = this.#table.streams.indexOf(streamId);
      const decoder = this.#connections.carrierOf(slot)?.takeDecoderFacts(slot);
      return { streamId, decoder };
    });
  }

  /** Names of the connections that media come over now. */
  get connectionIds(): string[] {
    return this.#connections.carriers.map(({ id }) => id);
  }

  /** Whether a watched stream showed a new picture since then; true when nothing is watched. */
  hasPictureSince(sinceMs: number): boolean {
    const watched = [...this.#watchedStreams()];
    if (watched.length === 0 || !this.#context.isPageVisible()) return true;
    return watched.some((id) => (this.monitors.of(id).newest?.presentedMs ?? 0) > sinceMs);
  }

  setMuted(muted: boolean): void {
    this.#sound.setMuted(muted);
  }

  /** Publishes a microphone track, or none; kept over new connections. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.#connections.setMicrophone(track);
  }

  get microphone(): MediaStreamTrack | null {
    return this.#connections.microphone;
  }

  /** The page was hidden or is seen again, or elements changed. */
  updateWatched(): void {
    this.monitors.setWatched(this.#watchedStreams());
  }

  /** Idempotent. */
  close(): void {
    const { active } = this.#connections;
    if (active) this.#lines.close(active);
    this.#stats.close();
    this.#connections.close();
    this.#viewers.close();
    this.#sound.close();
  }

  get #context(): SessionContext {
    return this.#options.context;
  }

  #createConnections(): SessionConnections {
    return new SessionConnections({
      context: this.#context,
      canNegotiate: this.#options.canNegotiate,
      streams: () => this.#table.streams,
      audioStreamId: () => this.#sound.streamId,
      monitors: this.monitors,
      onOpened: (connection) => this.#lines.open(connection),
      onActive: (connection, previous) => this.#handleActive(connection, previous),
      onSlotActive: (connection, slot, streamId) => this.#sync.bind(connection, slot, streamId),
      onDropped: (connection) => this.#stats.drop(connection),
      onSourcesChanged: () => {
        this.#showAll();
        this.#sync.apply().catch((error) => this.#tellError(error));
      },
    });
  }

  #handleActive(connection: MediaConnection, previous: MediaConnection | undefined): void {
    if (previous) this.#lines.close(previous);
    this.#lines.activate(connection);
    const { streamId } = this.#sound;
    if (streamId === undefined) return;
    this.#assign(connection, connection.audioMid, streamId, 'audio', true);
    this.#sound.show(connection.audioStream);
  }

  /** The datagram player's buffer is our own and comes back by itself; a browser's sometimes does not. */
  #handleCreep(streamId: number, action: 'reset' | 'renew'): void {
    const slot = this.#table.streams.indexOf(streamId);
    const connection = this.#connections.carrierOf(slot);
    if (connection?.player !== 'rtp') return;
    if (action === 'reset') connection.resetDelay(slot);
    else this.#connections.renewSlot(slot, 'the jitter buffer does not come back');
  }

  #handleShown(connection: SlotCarrier, { slot, streamId, isFirst }: ShownStream): void {
    this.#assign(connection, connection.midOf(slot), streamId, 'video', isFirst);
    this.updateWatched();
  }

  #assign(
    connection: SlotCarrier,
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
    const connection = this.#connections.carrierOf(slot);
    const streamId = this.#table.streams[slot];
    if (!connection || streamId === undefined) return;
    const offset = this.#lines.timestampOffset(connection.id, connection.midOf(slot));
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
    this.#viewers.showAll((slot) => this.#connections.carrierOf(slot)?.videoSource(slot));
    this.updateWatched();
  }

  #watchedStreams(): ReadonlySet<number> {
    const streams = this.#table.viewers.map((viewer) => this.#table.streamOf(viewer));
    return new Set(streams.filter((streamId) => streamId !== undefined));
  }

  #tellAutoplay(result: AutoplayResult, element?: HTMLVideoElement): void {
    const { deviceId, emit } = this.#context;
    emit('event', autoplayEvent(deviceId, result, element));
  }

  #tellError(thrown: unknown): void {
    this.#context.emit('errorOccurred', toError(thrown));
  }
}
