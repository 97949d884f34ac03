import { Emitter } from '@longreach/kit';
import { type DataChannelLabel, dataChannels } from '@longreach/protocol';
import type { StatsEntry, StatsSnapshot } from '@longreach/telemetry';
import type { PlayerKind } from '../api.ts';
import { DatagramInput } from '../datagram/datagram-input.ts';
import type { PageClock } from '../page/page-clock.ts';
import type { PlayerSource } from '../player/player.ts';
import { withCaptureTime, withoutPlayoutDelay, withRoundTripReports } from './offer-media.ts';
import { RtpInput } from './rtp-input.ts';
import type { DatagramOffer, VideoInput } from './video-input.ts';

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
};

/** What became of a frame that was to be sent. */
export type SendResult = 'sent' | 'notOpen' | 'buffered';

/** Most bytes that may wait on the reliable channel; more is refused. */
const maxReliableBufferedBytes = 256 * 1024;
/** The same for requests of the datagram player: one that would wait longer comes too late. */
const maxFeedbackBufferedBytes = 16 * 1024;

/**
 * One peer connection to a media worker: slots that receive video, one audio both ways, the data channels.
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
  readonly #channels = new Map<DataChannelLabel, RTCDataChannel>();
  readonly #lowLatency: boolean;
  #playerFailure: string | undefined;
  #closed = false;

  /** Throws what the browser throws when it has no more peer connections. */
  constructor(options: MediaConnectionOptions) {
    super();
    this.id = options.id;
    this.player = options.player;
    this.#lowLatency = options.lowLatency;
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#peer.onconnectionstatechange = () => this.#tell('stateChanged', this.state);
    this.#video = this.#createVideoInput(options);
    for (const label of ['control', 'command', 'report', 'clock'] as const) {
      this.#openChannel(label);
    }
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

  /**
   * The offer, at once and without candidates: the server answers where packets come from.
   * The local description is set before it is handed out, so that an answer with candidates finds a transport.
   */
  async createOffer(iceServers: RTCIceServer[]): Promise<string> {
    if (iceServers.length > 0) {
      this.#peer.setConfiguration({ bundlePolicy: 'max-bundle', iceServers });
    }
    const offer = await this.#peer.createOffer();
    const dated = withRoundTripReports(withCaptureTime(offer.sdp ?? ''));
    const sdp = this.#lowLatency ? dated : withoutPlayoutDelay(dated);
    await this.#peer.setLocalDescription({ type: 'offer', sdp });
    return sdp;
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

  /** Newest round trip to the media worker. */
  setRoundTripMs(roundTripMs: number): void {
    this.#video.setRoundTripMs(roundTripMs);
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

  /** What a video slot receives, for a player. */
  videoSource(slot: number): PlayerSource | undefined {
    return this.#video.sourceOf(slot);
  }

  /** Sends a frame. On an unreliable channel it is dropped when anything is still buffered: freshness first. */
  send(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): SendResult {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open') return 'notOpen';
    const maxBuffered = label === 'command' ? maxReliableBufferedBytes : 0;
    if (channel.bufferedAmount > maxBuffered) return 'buffered';
    channel.send(bytes);
    return 'sent';
  }

  /** Whether a frame on an unreliable channel would leave at once. */
  isFree(label: DataChannelLabel): boolean {
    const channel = this.#channels.get(label);
    return channel?.readyState === 'open' && channel.bufferedAmount === 0;
  }

  /** Sends past everything that is still buffered: for an emergency stop only. */
  sendUrgent(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): boolean {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open') return false;
    try {
      channel.send(bytes);
      return true;
    } catch {
      // The browser's own buffer is full; the other paths carry the stop.
      return false;
    }
  }

  /** Publishes a microphone track, or nothing, without a new negotiation. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.#audio.sender.replaceTrack(track);
  }

  /** The browser's statistics now. */
  async snapshot(takenMs: () => number): Promise<StatsSnapshot> {
    const entries: StatsEntry[] = [];
    const report = await this.#peer.getStats();
    report.forEach((entry: StatsEntry) => {
      entries.push(entry);
    });
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

  #createVideoInput({ clock, player, lowLatency }: MediaConnectionOptions): VideoInput {
    const handlers = {
      onArrived: (slot: number) => this.#tell('videoArrived', slot),
      onFailed: (reason: string) => {
        this.#playerFailure = reason;
        this.#tell('playerFailed', reason);
      },
    };
    if (player === 'rtp') return new RtpInput(this.#peer, lowLatency, handlers);
    const sendFeedback = (bytes: Uint8Array<ArrayBuffer>) => this.#sendFeedback(bytes);
    const input = new DatagramInput(this.#peer, { ...handlers, clock, lowLatency, sendFeedback });
    input.handOver(this.#openChannel('feedback'));
    return input;
  }

  #sendFeedback(bytes: Uint8Array<ArrayBuffer>): void {
    const channel = this.#channels.get('feedback');
    if (channel?.readyState !== 'open') return;
    if (channel.bufferedAmount < maxFeedbackBufferedBytes) channel.send(bytes);
  }

  #openChannel(label: DataChannelLabel): RTCDataChannel {
    const channel = this.#peer.createDataChannel(label, dataChannels[label]);
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.#tell('channelOpened', label);
    channel.onclose = () => this.#tell('channelClosed', label);
    if (label === 'report' || label === 'clock') {
      const event = label === 'report' ? 'reportReceived' : 'clockReceived';
      channel.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) this.#tell(event, new Uint8Array(data));
      };
    }
    this.#channels.set(label, channel);
    return channel;
  }

  #tell<Name extends keyof MediaConnectionEvents>(
    name: Name,
    payload: MediaConnectionEvents[Name],
  ): void {
    if (!this.#closed) this.emit(name, payload);
  }
}
