import { Emitter } from '@longreach/kit';
import type { StatsSnapshot } from '@longreach/telemetry';
import type { PlayerSource } from '../player/player.ts';
import { addVideoSlot, offerMedia, resetDelay, statsOf } from './offer-media.ts';

export type TrackConnectionEvents = {
  stateChanged: RTCPeerConnectionState;
  /** The first picture arrived. */
  videoArrived: number;
  /** Never told: there are no data channels. */
  channelClosed: undefined;
};

export type TrackConnectionOptions = {
  /** Unique over the connections of this remote device. */
  id: string;
  lowLatency: boolean;
};

/** A peer connection of its own for one video track: it receives pictures, and nothing else. Disposable. */
export class TrackConnection extends Emitter<TrackConnectionEvents> {
  readonly id: string;
  readonly player = 'rtp';
  /** Its pictures tell of its end: nothing else goes over it. */
  readonly isEndangered = false;
  readonly #peer: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #source: PlayerSource;
  readonly #lowLatency: boolean;
  #closed = false;

  /** Throws what the browser throws when it has no more peer connections. */
  constructor({ id, lowLatency }: TrackConnectionOptions) {
    super();
    this.id = id;
    this.#lowLatency = lowLatency;
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#peer.onconnectionstatechange = () => this.emit('stateChanged', this.state);
    this.#transceiver = addVideoSlot(this.#peer, lowLatency);
    const { track } = this.#transceiver.receiver;
    track.addEventListener('unmute', () => this.#tellArrived(), { once: true });
    this.#source = { kind: 'rtp', stream: new MediaStream([track]) };
  }

  get state(): RTCPeerConnectionState {
    return this.#closed ? 'closed' : this.#peer.connectionState;
  }

  /** The offer. */
  async createOffer(iceServers: RTCIceServer[]): Promise<string> {
    return offerMedia(this.#peer, iceServers, this.#lowLatency);
  }

  /** Takes the server's answer. */
  async acceptAnswer(sdp: string): Promise<void> {
    if (!this.#closed) await this.#peer.setRemoteDescription({ type: 'answer', sdp });
  }

  /** Its one mid; known once the offer is made. */
  midOf(_slot: number): string {
    if (this.#transceiver.mid === null) throw new Error('the track has no mid yet');
    return this.#transceiver.mid;
  }

  /** The browser does not tell. */
  takeDecoderFacts(_slot: number): undefined {
    return undefined;
  }

  /** What it receives, for a player. */
  videoSource(_slot: number): PlayerSource {
    return this.#source;
  }

  /** The browser's buffer does not come back by itself: sets it anew. */
  resetDelay(_slot: number): void {
    if (this.#lowLatency) resetDelay(this.#transceiver);
  }

  /** The browser's statistics now. */
  async snapshot(takenMs: () => number): Promise<StatsSnapshot> {
    const entries = await statsOf(this.#peer);
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

  #tellArrived(): void {
    if (!this.#closed) this.emit('videoArrived', 0);
  }
}
