import type { Unsubscribe } from '@longreach/kit';
import {
  type Gateway,
  type Lease,
  limits,
  type NoticeEnvelope,
  type PermissionState,
  type SDKMode,
  type StateReport,
  type StreamInfo,
  toPublicId,
} from '@longreach/protocol';
import type {
  ClientOptions,
  ConnectOptions,
  Diagnosis,
  DiagnosisOptions,
  LoginOptions,
  LongreachClientApi,
  PermissionEvent,
} from './api.ts';
import { ClientEmitter } from './client-emitter.ts';
import { choosePlayer, type PlayerChoice } from './datagram/datagram-support.ts';
import { Diagnostics } from './diagnosis/diagnostics.ts';
import { invalidParameters, notConnected } from './errors.ts';
import { createConnectionFactory } from './media/connection-factory.ts';
import { bridgeObserver } from './observer-bridge.ts';
import { followPage } from './page/follow-page.ts';
import { browserClock } from './page/page-clock.ts';
import { createElementPlayer } from './player/element-player.ts';
import { SessionPlayer } from './player/session-player.ts';
import { sdkVersion } from './sdk-version.ts';
import { FieldSession } from './session/field-session.ts';
import type { SessionContext } from './session/session-context.ts';
import type { DrivingOptions } from './session/session-control.ts';
import { statsPeriodOf } from './session/stats-period.ts';
import { unplayableTracks, type WantedTracks } from './session/unplayable-tracks.ts';
import { createClientLink } from './signaling/client-link.ts';
import { LinkStates } from './signaling/link-states.ts';
import type { MqttWatch } from './signaling/mqtt-watch.ts';
import { readNotice } from './signaling/server-notice.ts';
import type { SignalingLink } from './signaling/signaling-link.ts';
import type { LinkSignalingState } from './states/signaling-states.ts';

/** Machines that one client may be connected to at once. */
const maxSessions = 16;

/** A remote device: sees, hears and, as master, drives machines over one server. */
export class LongreachClient implements LongreachClientApi {
  readonly #options: ClientOptions;
  readonly #events = new ClientEmitter();
  /** Listens to an event; gives what ends it. */
  readonly on = this.#events.on;
  readonly #link: SignalingLink;
  readonly #diagnostics: Diagnostics;
  readonly #linkStates = new LinkStates(this.#events.emit);
  /** Public modes only. */
  readonly #mqtt: MqttWatch | undefined;
  readonly #sessions = new Map<string, FieldSession>();
  #selfId = '';
  #gateways: Gateway[] = [];
  #stopPage: (() => void) | undefined;
  /** Known once a login has succeeded. */
  #player: PlayerChoice = { kind: 'rtp', reason: 'not chosen yet' };
  readonly #choosing: Promise<PlayerChoice>;
  readonly #statsPeriodMs: number;

  /** Throws InvalidParameters on an option outside its range. */
  constructor(options: ClientOptions) {
    this.#options = options;
    this.#statsPeriodMs = statsPeriodOf(options.statsPeriodMs);
    const kind = this.#mode === 'server2' ? 'rtp' : options.player?.kind;
    this.#choosing = choosePlayer(kind, browserClock);
    const { link, mqtt } = createClientLink(options, (change) =>
      this.#events.emit('mqttStateChanged', change),
    );
    this.#link = link;
    this.#mqtt = mqtt;
    this.#diagnostics = new Diagnostics({
      clock: browserClock,
      periodMs: this.#statsPeriodMs,
      mode: () => `${this.#mode}, ${this.#player.kind} player`,
      on: this.on,
      isPageVisible: () => !document.hidden,
      emit: this.#events.emit,
    });
    this.#link.on('stateChanged', ({ state, data }) => this.#handleLinkState(state, data));
    this.#link.on('noticeReceived', (notice) => this.#handleNotice(notice));
    this.#link.on('reestablished', ({ rooms }) => {
      for (const session of this.#sessions.values()) session.handleReestablished(rooms);
    });
    this.#link.on('ended', ({ error, kicked }) => this.#handleEnded(error, kicked));
    if (options.observer) bridgeObserver(options.observer, this.on);
    if (mqtt) this.#events.emit('mqttStateChanged', { state: mqtt.state });
  }

  async login(options: LoginOptions): Promise<void> {
    this.#assertModeSupported();
    const { deviceName, secret, forceLogin = 0 } = options;
    const deviceId = this.#idOf(options.deviceId);
    await this.#link.login({
      role: 'remote',
      deviceId: deviceId as never,
      ...(deviceName === undefined ? {} : { deviceName }),
      secret,
      version: sdkVersion,
      forceLogin,
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
    this.#diagnostics.begin(deviceId, session);
    this.#events.emit('playerChanged', { deviceId, ...this.#player });
    try {
      return await session.start();
    } catch (error) {
      const streams = options.streams ?? [...Array(guessedSlots).keys()];
      this.#tellUnplayable({ deviceId, streams, error });
      if (this.#sessions.get(deviceId) === session) this.#forget(deviceId);
      if (this.#link.isUp) {
        await this.#link.request('leave', { deviceId: deviceId as never }).catch(() => {});
      }
      throw error;
    }
  }

  async disconnect(givenId: string): Promise<void> {
    const deviceId = this.#idOf(givenId);
    const session = this.#sessions.get(deviceId);
    this.#forget(deviceId);
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

  startDiagnosis(deviceId: string, options?: DiagnosisOptions): Promise<Diagnosis> {
    return this.#diagnostics.run(this.#idOf(deviceId), options);
  }

  leaseOf(deviceId: string): Omit<Lease, 'token'> | undefined {
    return this.#sessions.get(this.#idOf(deviceId))?.lease.shown();
  }

  stateOf(deviceId: string): StateReport | undefined {
    return this.#sessions.get(this.#idOf(deviceId))?.machineState;
  }

  #createContext(deviceId: string): SessionContext {
    const player = new SessionPlayer(this.#player.kind, (kind, reason) =>
      this.#events.emit('playerChanged', { deviceId, kind, reason }),
    );
    return {
      ...createConnectionFactory(player, this.#options.player ?? {}, browserClock),
      mode: this.#mode,
      deviceId,
      selfId: this.#selfId,
      link: this.#link,
      clock: browserClock,
      random: Math.random,
      statsPeriodMs: this.#statsPeriodMs,
      createPlayer: createElementPlayer,
      player,
      isPageVisible: () => !document.hidden,
      emit: this.#events.emit,
    };
  }

  #watchPage(): void {
    this.#stopPage ??= followPage(browserClock, {
      onWake: () => {
        this.#link.reconnectNow();
        this.#tellVisibility();
      },
      onHide: () => this.#tellVisibility(),
      checkPictures: () => {
        for (const session of this.#sessions.values()) session.checkPictures();
      },
    });
  }

  #tellVisibility(): void {
    for (const session of this.#sessions.values()) session.handleVisibility();
  }

  #handleNotice(envelope: NoticeEnvelope): void {
    const notice = readNotice(envelope);
    if (notice?.kind === 'gateways') {
      this.#gateways = notice.gateways as Gateway[];
      this.#events.emit('gatewayListChanged', this.#gateways);
    } else if (notice?.kind === 'event') {
      if (this.#sessions.has(notice.deviceId)) this.#events.emit('event', notice.event);
    } else if (notice?.kind === 'serverStats') {
      const { deviceId, stats } = notice;
      this.#events.emit('serverStatsReported', { deviceId, stats });
    } else if (notice) this.#sessions.get(notice.deviceId)?.handleNotice(notice.notice);
  }

  #handleLinkState(state: LinkSignalingState, data: { suspect?: boolean }): void {
    this.#linkStates.tell(state, data);
    for (const session of this.#sessions.values()) {
      session.states.handleLink(state, data.suspect === false);
    }
  }

  #handleEnded(error: Error, kicked: boolean): void {
    for (const [deviceId, session] of this.#sessions) {
      session.close(error.message);
      this.#forget(deviceId);
    }
    if (kicked) this.#events.emit('kickedOut', { reason: error.message });
    else this.#events.emit('errorOccurred', error);
  }

  #assertModeSupported(): void {
    const { player } = this.#options;
    if (this.#mode === 'server2' && player?.kind === 'datagram') {
      throw invalidParameters('sdkMode server2 has the rtp player only');
    }
  }

  get #mode(): SDKMode {
    return this.#options.sdkMode ?? 'server';
  }

  #forget(deviceId: string): void {
    this.#sessions.delete(deviceId);
    this.#diagnostics.end(deviceId);
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
    for (const event of unplayableTracks(this.#mqtt, wanted)) this.#events.emit('event', event);
  }
}
