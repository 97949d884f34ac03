import { LongreachError, type Unsubscribe } from '@longreach/kit';
import {
  NetworkErrorCode,
  type ReplyBody,
  type StateReport,
  type StreamInfo,
} from '@longreach/protocol';
import type { ClientEvents, ConnectOptions } from '../api.ts';
import { machineOffline, mediaFailed, streamNotFound, toError } from '../errors.ts';
import { connectionEvent } from '../media/connection-code.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import { isOutdated } from '../media/report-order.ts';
import { every } from '../page/page-clock.ts';
import type { MachineNotice } from '../signaling/server-notice.ts';
import { LeaseView } from './lease-view.ts';
import type { MachineReport } from './lines.ts';
import { Microphone } from './microphone.ts';
import type { SessionContext } from './session-context.ts';
import { SessionControl } from './session-control.ts';
import { SessionMedia } from './session-media.ts';
import { SessionStates } from './session-states.ts';

export type FieldSessionOptions = {
  context: SessionContext;
  connect: ConnectOptions;
  autoPermission: boolean;
  /** Slots to prepare while the machine's list of streams is still under way. */
  guessedSlots: number;
};

type Presence = ClientEvents['machinePresenceChanged']['state'];
type Parts = {
  roomId: string;
  media: SessionMedia;
  control: SessionControl;
  microphone: Microphone;
};
type SessionState =
  | { kind: 'joining' }
  | ({ kind: 'joined' } & Parts)
  /** The server forgot us; the parts wait for the way back. */
  | ({ kind: 'rejoining' } & Parts)
  | { kind: 'left' };

const healthCheckMs = 250;
/** After the machine came back, its pictures have this long to come by themselves, ms. */
const returnMs = 1500;

/** This remote device's session with one machine, from join to leave. It outlives links and connections. */
export class FieldSession {
  readonly #options: FieldSessionOptions;
  readonly #lease: LeaseView;
  /** How signaling of the room stands. */
  readonly states: SessionStates;
  #state: SessionState = { kind: 'joining' };
  #machineState: StateReport | undefined;
  #presence: Presence = 'online';
  #streams: StreamInfo[] = [];
  #cancels: Array<() => void> = [];
  #wasConnected = false;
  /** Settles when the session has joined, before its media path is up. */
  readonly #begun = Promise.withResolvers<SessionMedia>();

  constructor(options: FieldSessionOptions) {
    this.#options = options;
    this.#lease = new LeaseView(options.context.deviceId, options.context.selfId);
    this.states = new SessionStates(options.context);
    this.#begun.promise.catch(() => {});
  }

  get lease(): LeaseView {
    return this.#lease;
  }

  /** Newest state that the machine reported. */
  get machineState(): StateReport | undefined {
    return this.#machineState;
  }

  /** Joins and brings the media path up. On failure the session is closed. */
  async start(): Promise<{ streams: StreamInfo[] }> {
    this.states.tellSignaling('new');
    try {
      const prepared = this.#prepareConnection();
      const joined = await this.#joinWith(prepared);
      await this.#begin(prepared, joined);
    } catch (error) {
      this.close(toError(error).message);
      throw error;
    }
    this.#wasConnected = true;
    this.#emit('connected', { deviceId: this.#deviceId });
    this.#cancels.push(every(this.#context.clock, healthCheckMs, () => this.#checkHealth()));
    if (this.#options.autoPermission) {
      this.control.requestPermission('master').catch((error) => this.#tellError(error));
    }
    return { streams: this.#streams };
  }

  get isJoined(): boolean {
    return 'media' in this.#state;
  }

  /** The next three throw while the session has not joined yet. */
  get media(): SessionMedia {
    return this.#parts().media;
  }

  get control(): SessionControl {
    return this.#parts().control;
  }

  get microphone(): Microphone {
    return this.#parts().microphone;
  }

  /** Shows a stream in an element; may be called as soon as `start` was. */
  async attach(streamId: number, element: HTMLVideoElement): Promise<Unsubscribe> {
    const media = await this.#begun.promise;
    return media.attach(streamId, element);
  }

  /** Exchanges what two elements show; says whether both are this session's. */
  swap(first: HTMLVideoElement, second: HTMLVideoElement): boolean {
    return 'media' in this.#state && this.#state.media.swap(first, second);
  }

  /** Checks what a timer would check; also called by animation frames. */
  checkPictures(): void {
    if ('media' in this.#state) this.#state.media.monitors.checkPictures();
  }

  /** The page was hidden or is seen again. */
  handleVisibility(): void {
    if (!('media' in this.#state)) return;
    this.#state.media.updateWatched();
    this.#checkHealth();
  }

  /** A notice about this machine. */
  handleNotice(notice: MachineNotice): void {
    if (notice.event === 'leaseChanged') {
      const changed = this.#lease.update(notice.body.lease);
      if (changed) this.#emit('permissionChanged', changed);
    } else if (notice.event === 'machinePresence') {
      this.#handlePresence(notice.body.state, notice.body.streams);
    } else if ('media' in this.#state) {
      this.#state.media.handleLost(notice.body.connectionId, notice.body.reason);
    }
  }

  /** The signaling link is back. `rooms`: those the server still has us in. */
  handleReestablished(rooms: readonly string[]): void {
    if (this.#state.kind !== 'joined' && this.#state.kind !== 'rejoining') return;
    const { roomId, media } = this.#state;
    const isKnown = rooms.includes(roomId) || rooms.includes(this.#deviceId);
    if (isKnown && this.#state.kind === 'joined') {
      this.states.tellSignaling('connected');
      if (!media.isHealthy) media.restart('the link is back');
      return;
    }
    this.#state = { ...this.#state, kind: 'rejoining' };
    this.#rejoin().catch((error) => this.#tellError(error));
  }

  /** Leaves the room and closes everything. */
  async leave(reason: string): Promise<void> {
    const wasIn = this.#state.kind !== 'left';
    this.close(reason);
    if (!wasIn || !this.#context.link.isUp) return;
    await this.#context.link
      .request('leave', { deviceId: this.#deviceId as never })
      .catch(() => {});
  }

  /** Closes without a word to the server. Idempotent. */
  close(reason: string): void {
    const state = this.#state;
    if (state.kind === 'left') return;
    this.#state = { kind: 'left' };
    for (const cancel of this.#cancels) cancel();
    if ('media' in state) {
      state.control.close();
      state.media.close();
    }
    this.#begun.reject(mediaFailed(`the session was closed: ${reason}`));
    if (this.#wasConnected) this.#emit('disconnected', { deviceId: this.#deviceId, reason });
    this.states.tellRoom('unjoined');
    this.states.tellSignaling('closed');
  }

  get #context(): SessionContext {
    return this.#options.context;
  }

  get #deviceId(): string {
    return this.#context.deviceId;
  }

  #prepareConnection(): MediaConnection {
    const { slots, streams } = this.#options.connect;
    try {
      const wanted = slots ?? streams?.length ?? this.#options.guessedSlots;
      const count = this.#context.mode === 'server2' ? 0 : wanted;
      return this.#context.createConnection(count);
    } catch (thrown) {
      const isMissing = typeof RTCPeerConnection === 'undefined';
      const state = isMissing ? 'not_support' : 'limit_exceeded';
      const message = isMissing ? 'this browser has no WebRTC' : toError(thrown).message;
      this.#emit('peerConnectionStateChanged', connectionEvent(this.#deviceId, state, message));
      throw mediaFailed(message, thrown);
    }
  }

  /** Schedule, join and the browser's own preparations all under way at once. */
  async #joinWith(prepared: MediaConnection): Promise<ReplyBody<'join'>> {
    try {
      const [joined] = await Promise.all([this.#join(), prepared.warmUp()]);
      if (!joined.online) throw machineOffline(this.#deviceId);
      return joined;
    } catch (error) {
      prepared.close();
      throw error;
    }
  }

  async #join(): Promise<ReplyBody<'join'>> {
    const { link } = this.#context;
    this.states.tellRoom('joining');
    this.states.tellSignaling('scheduling');
    const target = { deviceId: this.#deviceId as never };
    const [scheduled, joined] = await Promise.all([
      link.request('schedule', target),
      link.request('join', target),
    ]);
    this.states.tellSignaling('scheduled', scheduled);
    this.states.tellSignaling('connected', { roomId: joined.roomId });
    this.states.tellRoom('joined');
    const changed = this.#lease.update(joined.lease);
    if (changed) this.#emit('permissionChanged', changed);
    return joined;
  }

  async #begin(prepared: MediaConnection, joined: ReplyBody<'join'>): Promise<void> {
    const { connect } = this.#options;
    this.#streams = joined.streams;
    const video = joined.streams.filter(({ mediaTypes }) => mediaTypes.includes('video'));
    const shown = connect.streams ?? video.map(({ streamId }) => streamId);
    const missing = shown.find((id) => !video.some(({ streamId }) => streamId === id));
    if (missing !== undefined || this.#state.kind === 'left') {
      prepared.close();
      throw missing === undefined ? mediaFailed('the session was closed') : streamNotFound(missing);
    }
    const media = new SessionMedia({
      context: this.#context,
      streams: joined.streams,
      shown,
      slots: Math.max(connect.slots ?? 0, shown.length),
      audio: connect.audio ?? true,
      canNegotiate: () => this.#context.link.isUp && this.#state.kind === 'joined',
      onReport: (report) => this.#handleReport(report),
    });
    const control = new SessionControl({
      context: this.#context,
      lease: this.#lease,
      monitors: media.monitors,
      connection: () => media.connection,
    });
    const microphone = new Microphone(this.#context, media);
    this.#state = { kind: 'joined', roomId: joined.roomId, media, control, microphone };
    this.#begun.resolve(media);
    await media.start(prepared, joined);
  }

  async #rejoin(): Promise<void> {
    const joined = await this.#join().catch((error: unknown) => {
      // The server still had us in the room after all.
      if (error instanceof LongreachError && error.code === NetworkErrorCode.UserRepeatedJoin) {
        return undefined;
      }
      throw error;
    });
    if (this.#state.kind !== 'rejoining') return;
    const { media } = this.#state;
    this.#state = { ...this.#state, kind: 'joined' };
    if (joined) {
      media.setIceServers(joined);
      this.#handlePresence(joined.online ? 'online' : 'offline', joined.streams);
    }
    media.restart('joined again');
  }

  #handlePresence(state: Presence, streams: StreamInfo[]): void {
    const before = this.#presence;
    this.#presence = state;
    if (streams.length > 0) this.#streams.splice(0, this.#streams.length, ...streams);
    if (state === before) return;
    this.#emit('machinePresenceChanged', { deviceId: this.#deviceId, state });
    if (state !== 'online' || !('media' in this.#state)) return;
    const { media } = this.#state;
    if (!media.isHealthy) media.renew('the machine is back');
    else this.#awaitPictures(media);
  }

  #awaitPictures(media: SessionMedia): void {
    const sinceMs = this.#context.clock.nowMs();
    const cancel = this.#context.clock.after(returnMs, () => {
      this.#cancels = this.#cancels.filter((other) => other !== cancel);
      if (!media.hasPictureSince(sinceMs)) media.renew('the machine is back, its pictures are not');
    });
    this.#cancels.push(cancel);
  }

  #handleReport(report: MachineReport): void {
    const { clock } = this.#context;
    const deviceId = this.#deviceId;
    if (report.kind === 'opaque') {
      this.#emit('reportReceived', { deviceId, data: report.payload });
    } else if (report.kind === 'refusal') {
      this.#emit('commandRefused', { deviceId, code: report.code, by: 'worker' });
    } else if (!isOutdated(report, this.#machineState) && 'media' in this.#state) {
      const previous = this.#machineState;
      this.#machineState = report;
      this.#state.media.time.handleState(report, clock.nowMs() * 1000);
      this.#state.control.handleState(report, previous);
      this.#emit('stateReported', { deviceId, report });
    }
  }

  #checkHealth(): void {
    if (this.#state.kind !== 'joined') return;
    const { media } = this.#state;
    if (!media.isHealthy && this.#context.link.isUp) media.condemn('the media worker is silent');
  }

  #parts(): Parts {
    const state = this.#state;
    if (state.kind === 'joined' || state.kind === 'rejoining') return state;
    throw mediaFailed(`${this.#deviceId} is not joined`);
  }

  #emit<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): void {
    this.#context.emit(name, payload);
  }

  #tellError(thrown: unknown): void {
    this.#emit('errorOccurred', toError(thrown));
  }
}
