import { Emitter } from '@longreach/kit';
import type { DataChannelLabel } from '@longreach/protocol';
import type { StatsEntry, StatsSnapshot } from '@longreach/telemetry';
import type { PlayerKind } from '../api.ts';
import { DatagramInput } from '../datagram/datagram-input.ts';
import type { DatagramThread } from '../datagram/datagram-thread.ts';
import type { PageClock } from '../page/page-clock.ts';
import type { PlayerSource } from '../player/player.ts';
import { ChannelPath } from './channel-path.ts';
import { ConsentWatch } from './consent-watch.ts';
import type { MessagePath, MessagePathHandlers, SendResult } from './message-path.ts';
import { offerMedia, statsOf } from './offer-media.ts';
import { RtpInput } from './rtp-input.ts';
import type { DatagramOffer, DecoderFacts, VideoInput } from './video-input.ts';

export type MediaConnectionEvents = {
  stateChanged: RTCPeerConnectionState;
  reportReceived: Uint8Array;
  clockReceived: Uint8Array;
  channelOpened: DataChannelLabel;
  /** The other side closed it, or SCTP gave up; not told of a connection that was closed here. */
  channelClosed: DataChannelLabel;
  /** The first picture of a slot arrived. */
  videoArrived: number;
  /** This connection's player cannot show pictures. */
  playerFailed: string;
};

export type MediaConnectionOptions = {
  /** Unique over the connections of this remote device. */
  id: string;
  clock: PageClock;
  player: PlayerKind;
  lowLatency: boolean;
  /** Where the datagram player's pictures are made. */
  thread: DatagramThread;
};

/**
 * One peer connection to a media worker: slots that receive video, one audio both ways, messages both ways.
 * Disposable: it is offered once, answered once, and replaced when it is lost.
 */
export class MediaConnection extends Emitter<MediaConnectionEvents> {
  readonly id: string;
  readonly player: PlayerKind;
  /** The machine's sound. */
  readonly audioStream: MediaStream;
  readonly #peer: RTCPeerConnection;
  readonly #video: VideoInput;
  readonly #audio: RTCRtpTransceiver;
  readonly #messages: MessagePath;
  readonly #lowLatency: boolean;
  readonly #consent = new ConsentWatch();
  #playerFailure: string | undefined;
  #closed = false;

  /** Throws what the browser throws when it has no more peer connections. */
  constructor(options: MediaConnectionOptions) {
    super();
    this.id = options.id;
    this.player = options.player;
    this.#lowLatency = options.lowLatency;
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const { video, messages } = this.#createInput(options);
    this.#video = video;
    this.#messages = messages;
    this.#peer.onconnectionstatechange = () => {
      if (video instanceof DatagramInput) video.path.handleState(this.state);
      this.#tell('stateChanged', this.state);
    };
    this.#audio = this.#peer.addTransceiver('audio', { direction: 'sendrecv' });
    this.audioStream = new MediaStream([this.#audio.receiver.track]);
  }

  get state(): RTCPeerConnectionState {
    return this.#closed ? 'closed' : this.#peer.connectionState;
  }

  /** Reserves slots up to `count`; only before the offer. */
  ensureVideoSlots(count: number): void {
    while (this.#video.slots < count) this.#video.addSlot();
  }

  /** Lets the browser make keys and codec lists ready while requests are still under way. */
  async warmUp(): Promise<void> {
    await this.#peer.createOffer();
  }

  /** The offer. */
  async createOffer(iceServers: RTCIceServer[]): Promise<string> {
    return offerMedia(this.#peer, iceServers, this.#lowLatency);
  }

  /** Takes the server's answer. */
  async acceptAnswer(sdp: string): Promise<void> {
    if (this.#closed) return;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    this.#video.handleAnswered();
  }

  /** How the offer names the slots of the datagram player; undefined with m-lines of their own. */
  get datagram(): DatagramOffer | undefined {
    return this.#video.datagram;
  }

  /** Why this connection's player cannot show pictures; undefined while it can. */
  get playerFailure(): string | undefined {
    return this.#playerFailure;
  }

  /** So much gets lost that the other end may soon give this connection up. */
  get isEndangered(): boolean {
    const video = this.#video;
    return video instanceof DatagramInput && video.path.isLossy && this.#consent.isEndangered;
  }

  /** The buffer of a video slot does not come back by itself: sets it anew. */
  resetDelay(slot: number): void {
    this.#video.resetDelay(slot);
  }

  /** The mid of a video slot; known once the offer is made. */
  midOf(slot: number): string {
    const mid = this.#video.midOf(slot);
    if (mid === undefined) throw new Error(`slot ${slot} has no mid yet`);
    return mid;
  }

  get audioMid(): string {
    if (this.#audio.mid === null) throw new Error('the audio line has no mid yet');
    return this.#audio.mid;
  }

  /** What is known of a slot's decoder since the last call; undefined for the browser's own. */
  takeDecoderFacts(slot: number): DecoderFacts | undefined {
    return this.#video.takeDecoderFacts(slot);
  }

  /** What a video slot receives, for a player. */
  videoSource(slot: number): PlayerSource | undefined {
    return this.#video.sourceOf(slot);
  }

  /** Sends a message; one that may get lost is dropped when anything is still buffered. */
  send(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): SendResult {
    return this.#messages.send(label, bytes);
  }

  /** Whether a message that may get lost would leave at once. */
  isFree(label: DataChannelLabel): boolean {
    return this.#messages.isFree(label);
  }

  /** Sends past everything that is still buffered: for an emergency stop only. */
  sendUrgent(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): boolean {
    return this.#messages.sendUrgent(label, bytes);
  }

  /** Publishes a microphone track, or nothing, without a new negotiation. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.#audio.sender.replaceTrack(track);
  }

  /** The browser's statistics now. */
  async snapshot(takenMs: () => number): Promise<StatsSnapshot> {
    const entries = await statsOf(this.#peer);
    this.#consent.handleCount(checksIn(entries), takenMs());
    const completed = await this.#video.completeStats(entries);
    return { takenMs: takenMs(), entries: completed };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#video.close();
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
    this.clear();
  }

  /** Pictures, and the way of the messages that goes with them. */
  #createInput({ clock, player, lowLatency, thread }: MediaConnectionOptions): {
    video: VideoInput;
    messages: MessagePath;
  } {
    const handlers = {
      onArrived: (slot: number) => this.#tell('videoArrived', slot),
      onFailed: (reason: string) => {
        this.#playerFailure = reason;
        this.#tell('playerFailed', reason);
      },
    };
    const messages: MessagePathHandlers = {
      onOpened: (label) => this.#tell('channelOpened', label),
      onClosed: (label) => this.#tell('channelClosed', label),
      onMessage: (label, bytes) => this.#handleMessage(label, bytes),
    };
    if (player === 'datagram') {
      const video = new DatagramInput(this.#peer, {
        ...handlers,
        ...{ clock, lowLatency, messages, thread },
      });
      return { video, messages: video.path };
    }
    const video = new RtpInput(this.#peer, lowLatency, handlers);
    return { video, messages: new ChannelPath(this.#peer, messages) };
  }

  #handleMessage(label: DataChannelLabel, bytes: Uint8Array): void {
    if (label === 'report') this.#tell('reportReceived', bytes);
    if (label === 'clock') this.#tell('clockReceived', bytes);
  }

  #tell<Name extends keyof MediaConnectionEvents>(
    name: Name,
    payload: MediaConnectionEvents[Name],
  ): void {
    if (!this.#closed) this.emit(name, payload);
  }
}

/** Consent checks of the other end that came, on all candidate pairs. */
function checksIn(entries: readonly StatsEntry[]): number {
  let checks = 0;
  for (const entry of entries) {
    if (entry.type !== 'candidate-pair') continue;
    const { requestsReceived } = entry as { requestsReceived?: unknown };
    if (typeof requestsReceived === 'number') checks += requestsReceived;
  }
  return checks;
}
