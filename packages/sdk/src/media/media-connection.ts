import { Emitter } from '@longreach/kit';
import { type DataChannelLabel, dataChannels } from '@longreach/protocol';
import type { StatsEntry, StatsSnapshot } from '@longreach/telemetry';
import type { PlayerOptions } from '../api.ts';
import { addVideoSlot, withCaptureTime, withoutPlayoutDelay } from './offer-media.ts';

export type MediaConnectionEvents = {
  stateChanged: RTCPeerConnectionState;
  reportReceived: Uint8Array;
  clockReceived: Uint8Array;
  channelOpened: DataChannelLabel;
  /** The first packets of a picture arrived. */
  videoArrived: number;
};

/** What became of a frame that was to be sent. */
export type SendResult = 'sent' | 'notOpen' | 'buffered';

/** Most bytes that may wait on the reliable channel; more is refused. */
const maxReliableBufferedBytes = 256 * 1024;

type VideoSlot = { transceiver: RTCRtpTransceiver; stream: MediaStream };

/**
 * One peer connection to a media worker: N video slots that receive, one audio both ways, the data channels.
 * Disposable: it is offered once, answered once, and replaced when it is lost.
 */
export class MediaConnection extends Emitter<MediaConnectionEvents> {
  readonly id: string;
  /** The machine's sound. */
  readonly audioStream: MediaStream;
  readonly #peer: RTCPeerConnection;
  readonly #video: VideoSlot[] = [];
  readonly #audio: RTCRtpTransceiver;
  readonly #channels = new Map<DataChannelLabel, RTCDataChannel>();
  readonly #lowLatency: boolean;
  #closed = false;

  /** Throws what the browser throws when it has no more peer connections. */
  constructor(id: string, videoSlots: number, player: PlayerOptions = {}) {
    super();
    this.id = id;
    this.#lowLatency = player.lowLatency ?? true;
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#peer.onconnectionstatechange = () => this.#tell('stateChanged', this.state);
    this.ensureVideoSlots(videoSlots);
    this.#audio = this.#peer.addTransceiver('audio', { direction: 'sendrecv' });
    this.audioStream = new MediaStream([this.#audio.receiver.track]);
    for (const label of Object.keys(dataChannels) as DataChannelLabel[]) this.#openChannel(label);
  }

  get state(): RTCPeerConnectionState {
    return this.#closed ? 'closed' : this.#peer.connectionState;
  }

  get videoSlots(): number {
    return this.#video.length;
  }

  /** Reserves slots up to `count`; only before the offer. */
  ensureVideoSlots(count: number): void {
    while (this.#video.length < count) {
      const slot = this.#video.length;
      const transceiver = addVideoSlot(this.#peer, this.#lowLatency);
      const { track } = transceiver.receiver;
      track.addEventListener('unmute', () => this.#tell('videoArrived', slot), { once: true });
      // A stream of its own for each track: nothing is held back to be in step with something else.
      this.#video.push({ transceiver, stream: new MediaStream([track]) });
    }
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
    const dated = withCaptureTime(offer.sdp ?? '');
    const sdp = this.#lowLatency ? dated : withoutPlayoutDelay(dated);
    await this.#peer.setLocalDescription({ type: 'offer', sdp });
    return sdp;
  }

  /** Takes the server's answer. */
  async acceptAnswer(sdp: string): Promise<void> {
    if (this.#closed) return;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
  }

  /** The mid of a video slot; known once the offer is made. */
  midOf(slot: number): string {
    const mid = this.#video[slot]?.transceiver.mid;
    if (typeof mid !== 'string') throw new Error(`slot ${slot} has no mid yet`);
    return mid;
  }

  /** The slot of a mid, if it is one of video. */
  slotOf(mid: string): number | undefined {
    const slot = this.#video.findIndex(({ transceiver }) => transceiver.mid === mid);
    return slot < 0 ? undefined : slot;
  }

  get audioMid(): string {
    if (this.#audio.mid === null) throw new Error('the audio line has no mid yet');
    return this.#audio.mid;
  }

  /** What a video slot receives, as a stream for a media element. */
  videoStream(slot: number): MediaStream | undefined {
    return this.#video[slot]?.stream;
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
    return { takenMs: takenMs(), entries };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
    this.clear();
  }

  #openChannel(label: DataChannelLabel): void {
    const channel = this.#peer.createDataChannel(label, dataChannels[label]);
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.#tell('channelOpened', label);
    if (label === 'report' || label === 'clock') {
      const event = label === 'report' ? 'reportReceived' : 'clockReceived';
      channel.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) this.#tell(event, new Uint8Array(data));
      };
    }
    this.#channels.set(label, channel);
  }

  #tell<Name extends keyof MediaConnectionEvents>(
    name: Name,
    payload: MediaConnectionEvents[Name],
  ): void {
    if (!this.#closed) this.emit(name, payload);
  }
}
