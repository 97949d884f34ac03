import { Emitter, type Unsubscribe } from '@longreach/kit';
import {
  type Gateway,
  type Lease,
  limits,
  type NoticeEnvelope,
  type PermissionState,
  type StateReport,
  type StreamInfo,
  toPublicId,
} from '@longreach/protocol';
import type {
  ClientEvents,
  ClientOptions,
  ConnectOptions,
  LoginOptions,
  LongreachClientApi,
  PermissionEvent,
} from './api.ts';
import { choosePlayer, type PlayerChoice } from './datagram/datagram-support.ts';
import { DatagramThread } from './datagram/datagram-thread.ts';
import { invalidParameters, notConnected } from './errors.ts';
import { MediaConnection } from './media/media-connection.ts';
import { bridgeObserver } from './observer-bridge.ts';
import { browserClock } from './page/page-clock.ts';
import { watchPageLifecycle } from './page/page-lifecycle.ts';
import { runPictureLoop } from './picture-loop.ts';
import { createElementPlayer } from './player/element-player.ts';
import { SessionPlayer } from './player/session-player.ts';
import { FieldSession } from './session/field-session.ts';
import type { SessionContext } from './session/session-context.ts';
import type { DrivingOptions } from './session/session-control.ts';
import { unplayableTracks, type WantedTracks } from './session/unplayable-tracks.ts';
import { createClientLink } from './signaling/client-link.ts';
import type { MqttWatch } from './signaling/mqtt-watch.ts';
import { readNotice } from './signaling/server-notice.ts';
import type { SignalingLink } from './signaling/signaling-link.ts';

/** Version of this SDK, told to the server at login. */
export const sdkVersion = '0.1.0';

const defaultStatsPeriodMs = 2000;
/** Machines that one client may be connected to at once. */
const maxSessions = 16;

/** A remote device: sees, hears and, as master, drives machines over one server. */
export class LongreachClient implements LongreachClientApi {
  readonly #options: ClientOptions;
  readonly #events = new Emitter<ClientEvents>();
  readonly #link: SignalingLink;
  /** Public modes only. */
  readonly #mqtt: MqttWatch | undefined;
  readonly #sessions = new Map<string, FieldSession>();
  #selfId = '';
  #gateways: Gateway[] = [];
  #stopPage: (() => void) | undefined;
  /** Known once a login has succeeded. */
  #player: PlayerChoice = { kind: 'rtp', reason: 'not chosen yet' };
  readonly #choosing: Promise<PlayerChoice>;
  #connections = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#choosing = choosePlayer(options.player?.kind, browserClock);
    const { link, mqtt } = createClientLink(options, (change) =>
      this.#emit('mqttStateChanged', change),
    );
    this.#link = link;
    this.#mqtt = mqtt;
    this.#link.on('stateChanged', ({ state, data }) =>
      this.#emit('signalingStateChanged', { state, data, roomId: '' }),
    );
    this.#link.on('noticeReceived', (notice) => this.#handleNotice(notice));
    this.#link.on('reestablished', ({ rooms }) => {
      for (const session of this.#sessions.values()) session.handleReestablished(rooms);
    });
    this.#link.on('ended', ({ error, kicked }) => this.#handleEnded(error, kicked));
    if (options.observer) bridgeObserver(options.observer, this.on.bind(this));
    if (mqtt) this.#emit('mqttStateChanged', { state: mqtt.state });
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, (payload) => {
      try {
        listener(payload);
      } catch (error) {
        // A mistake of the page must not stop the session; the page's own error handler is told.
        reportError(error);
      }
    });
  }

  async login(options: LoginOptions): Promise<void> {
    this.#assertModeSupported();
    const { deviceName, secret, forceLogin } = options;
    const deviceId = this.#idOf(options.deviceId);
    await this.#link.login({
      role: 'remote',
      deviceId: deviceId as never,
      ...(deviceName === undefined ? {} : { deviceName }),
      secret,
      version: sdkVersion,
      forceLogin: forceLogin ?? 0,
    });
    this.#player = await this.#choosing;
    this.#selfId = deviceId;
    this.#watchPage();
  }

  async logout(): Promise<void> {
    await this.disconnectAll();
    await this.#link.logout();
    this.#stopPage?.();
    this.#stopPage = undefined;
  }

  async getGatewayList(): Promise<Gateway[]> {
    const { gateways } = await this.#link.request('listGateways', {});
    this.#gateways = gateways as Gateway[];
    return this.#gateways;
  }

  async connect(givenId: string, options: ConnectOptions = {}): Promise<{ streams: StreamInfo[] }> {
    this.#assertModeSupported();
    const deviceId = this.#idOf(givenId);
    if (this.#sessions.has(deviceId)) throw invalidParameters(`${deviceId} is connected already`);
    if (this.#sessions.size >= maxSessions) {
      throw invalidParameters(`at most ${maxSessions} machines at once`);
    }
    if ((options.slots ?? 0) > limits.streamsPerDevice) {
      throw invalidParameters(`at most ${limits.streamsPerDevice} slots`);
    }
    const known = this.#gateways.find((gateway) => gateway.deviceId === deviceId);
    const guessedSlots = Math.min(known?.streamCount ?? 1, limits.streamsPerDevice);
    const session = new FieldSession({
      context: this.#createContext(deviceId),
      connect: options,
      autoPermission: this.#options.autoPermission ?? false,
      guessedSlots,
    });
    this.#sessions.set(deviceId, session);
    this.#emit('playerChanged', { deviceId, ...this.#player });
    try {
      return await session.start();
    } catch (error) {
      const streams = options.streams ?? [...Array(guessedSlots).keys()];
      this.#tellUnplayable({ deviceId, streams, error });
      if (this.#sessions.get(deviceId) === session) this.#sessions.delete(deviceId);
      if (this.#link.isUp) {
        await this.#link.request('leave', { deviceId: deviceId as never }).catch(() => {});
      }
      throw error;
    }
  }

  async disconnect(givenId: string): Promise<void> {
    const deviceId = this.#idOf(givenId);
    const session = this.#sessions.get(deviceId);
    this.#sessions.delete(deviceId);
    await session?.leave('disconnected by the application');
  }

  async disconnectAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((deviceId) => this.disconnect(deviceId)));
  }

  async attach(
    deviceId: string,
    streamId: number,
    element: HTMLVideoElement,
  ): Promise<Unsubscribe> {
    const session = this.#session(deviceId);
    const wanted = { deviceId: this.#idOf(deviceId), streams: [streamId] };
    this.#tellUnplayable(wanted);
    return session.attach(streamId, element).catch((error) => {
      this.#tellUnplayable({ ...wanted, error });
      throw error;
    });
  }

  swap(first: HTMLVideoElement, second: HTMLVideoElement): void {
    for (const session of this.#sessions.values()) if (session.swap(first, second)) return;
    throw invalidParameters('both elements must show streams of one machine');
  }

  async requestPermission(
    deviceId: string,
    permission: PermissionState = 'master',
  ): Promise<PermissionEvent> {
    return this.#session(deviceId).control.requestPermission(permission);
  }

  releasePermission(deviceId: string): Promise<PermissionEvent> {
    return this.requestPermission(deviceId, 'guest');
  }

  startDriving(deviceId: string, options: DrivingOptions): Unsubscribe {
    return this.#session(deviceId).control.startDriving(options);
  }

  rearm(deviceId: string): void {
    this.#session(deviceId).control.rearm();
  }

  async emergencyStop(deviceId: string): Promise<void> {
    await this.#session(deviceId).control.emergencyStop();
  }

  sendControlData(deviceId: string, data: Uint8Array, qos: 0 | 1 = 0): void {
    this.#session(deviceId).control.sendControlData(data, qos);
  }

  async publishLocalTrack(deviceId: string, track: MediaStreamTrack): Promise<void> {
    await this.#session(deviceId).microphone.publish(track);
  }

  async unpublishLocalTrack(deviceId: string): Promise<void> {
    await this.#session(deviceId).microphone.unpublish('unpublished');
  }

  muteField(deviceId: string, muted: boolean): void {
    this.#session(deviceId).media.setMuted(muted);
  }

  async setEncodeParameters(
    deviceId: string,
    streamId: number,
    parameters: { bitrateBps?: number; fps?: number },
  ): Promise<void> {
    const target = { deviceId: this.#idOf(deviceId) as never, streamId };
    await this.#link.request('setEncodeParameters', { ...target, ...parameters });
  }

  leaseOf(deviceId: string): Omit<Lease, 'token'> | undefined {
    return this.#sessions.get(this.#idOf(deviceId))?.lease.shown();
  }

  stateOf(deviceId: string): StateReport | undefined {
    return this.#sessions.get(this.#idOf(deviceId))?.machineState;
  }

  #createContext(deviceId: string): SessionContext {
    const player = new SessionPlayer(this.#player.kind, (kind, reason) =>
      this.#emit('playerChanged', { deviceId, kind, reason }),
    );
    const thread = new DatagramThread();
    return {
      deviceId,
      selfId: this.#selfId,
      link: this.#link,
      clock: browserClock,
      random: Math.random,
      statsPeriodMs: this.#options.statsPeriodMs ?? defaultStatsPeriodMs,
      createPlayer: createElementPlayer,
      player,
      createConnection: (videoSlots) => this.#createConnection(player, thread, videoSlots),
      isPageVisible: () => !document.hidden,
      emit: (name, payload) => this.#emit(name, payload),
    };
  }

  #createConnection(
    player: SessionPlayer,
    thread: DatagramThread,
    videoSlots: number,
  ): MediaConnection {
    const connection = new MediaConnection({
      id: this.#connectionId(),
      clock: browserClock,
      thread,
      player: player.kind,
      lowLatency: this.#options.player?.lowLatency ?? true,
    });
    connection.ensureVideoSlots(videoSlots);
    return connection;
  }

  /** Unique over the pages and lives of this remote device. */
  #connectionId(): string {
    this.#connections++;
    const random = crypto.getRandomValues(new Uint32Array(2));
    return `${[...random].map((part) => part.toString(36)).join('')}.${this.#connections}`;
  }

  #watchPage(): void {
    if (this.#stopPage) return;
    const stopLifecycle = watchPageLifecycle({
      onWake: () => {
        this.#link.reconnectNow();
        this.#tellVisibility();
      },
      onHide: () => this.#tellVisibility(),
    });
    const stopPictures = runPictureLoop(browserClock, () => {
      for (const session of this.#sessions.values()) session.checkPictures();
    });
    this.#stopPage = () => {
      stopLifecycle();
      stopPictures();
    };
  }

  #tellVisibility(): void {
    for (const session of this.#sessions.values()) session.handleVisibility();
  }

  #handleNotice(envelope: NoticeEnvelope): void {
    const notice = readNotice(envelope);
    if (notice?.kind === 'gateways') {
      this.#gateways = notice.gateways as Gateway[];
      this.#emit('gatewayListChanged', this.#gateways);
    } else if (notice) this.#sessions.get(notice.deviceId)?.handleNotice(notice.notice);
  }

  #handleEnded(error: Error, kicked: boolean): void {
    for (const session of this.#sessions.values()) session.close(error.message);
    this.#sessions.clear();
    if (kicked) this.#emit('kickedOut', { reason: error.message });
    else this.#emit('errorOccurred', error);
  }

  #assertModeSupported(): void {
    const { sdkMode = 'server' } = this.#options;
    if (sdkMode !== 'server') throw invalidParameters(`sdkMode ${sdkMode}: not yet`);
  }

  #session(deviceId: string): FieldSession {
    const session = this.#sessions.get(this.#idOf(deviceId));
    if (!session) throw notConnected(deviceId);
    return session;
  }

  /** In public mode every id names its project. */
  #idOf(deviceId: string): string {
    return this.#mqtt ? toPublicId(deviceId) : deviceId;
  }

  #tellUnplayable(wanted: WantedTracks): void {
    for (const event of unplayableTracks(this.#mqtt, wanted)) this.#emit('event', event);
  }

  #emit<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): void {
    this.#events.emit(name, payload);
  }
}
