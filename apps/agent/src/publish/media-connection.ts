import { Emitter } from '@longreach/kit';
import type { MessageLabel, RequestBody } from '@longreach/protocol';
import { isRtcp } from '@longreach/rtp';
import type { ClockOffset } from '@longreach/telemetry';
import {
  createPeer,
  type MediaTrack,
  type Peer,
  parseMediaDescriptions,
} from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import type { PathState } from './media-path.ts';
import { MessageLine } from './message-line.ts';
import type { PathFacts } from './path-report.ts';
import { PathWatch } from './path-watch.ts';
import type { Publication } from './publication.ts';
import {
  type AudioLine,
  describeAudio,
  describeMessages,
  describeVideo,
  fecCodecName,
} from './track-lines.ts';
import type { SentBytes } from './uplink.ts';
import type { SenderStats } from './video-sender.ts';
import { VoiceReceiver } from './voice-receiver.ts';

/** From where a connection is made, and what it takes. */
export type MediaConnectionOptions = {
  bindAddress: string;
  /** Whether the operator's voice is received. */
  voice: boolean;
};

/** Events of one connection; after `down` with `isGone` nothing works any more, otherwise it may recover. */
export type MediaConnectionEvents = {
  connected: Record<string, never>;
  /** A message came from the worker: both ends are up. */
  heard: Record<string, never>;
  down: { reason: string; isGone: boolean };
  commandReceived: Uint8Array;
  voiceReceived: EncodedFrame;
};

/** How a connection is offered to the server. */
export type OfferParts = Pick<RequestBody<'offer'>, 'connectionId' | 'sdp' | 'slots' | 'datagram'>;

/** Counters of one connection and of what it carries. */
export type ConnectionStats = {
  roundTripMs: number | undefined;
  sentBytes: Readonly<SentBytes>;
  path: PathState | undefined;
  senders: SenderStats[];
};

let nextConnection = 1;

/** One peer connection to the media worker, from its offer to its end. It never reconnects. */
export class MediaConnection extends Emitter<MediaConnectionEvents> {
  /** Its name on the server, of its own: a notice that comes late is about no other one. */
  readonly id = `publish.${nextConnection++}`;
  /** What it carries, or is to carry once `carry` is called. */
  readonly publication: Publication;
  readonly #peer: Peer;
  readonly #tracks = new Map<string, MediaTrack>();
  readonly #messages: MessageLine;
  readonly #watch: PathWatch;
  #isUp = false;
  #closed = false;

  constructor(publication: Publication, { bindAddress, voice }: MediaConnectionOptions) {
    super();
    this.publication = publication;
    this.#peer = createPeer({ name: 'publish', bindAddress });
    const { video, audio, messages } = publication.lines;
    for (const line of video) {
      const track = this.#peer.addTrack(describeVideo(line));
      this.#tracks.set(line.mid, track);
      track.onPacket((packet) => this.#handleFeedback(packet));
    }
    if (audio) this.#addAudio(audio, voice);
    const track = this.#peer.addTrack(describeMessages(messages));
    this.#messages = new MessageLine(messages, track, (label, bytes) =>
      this.#handleMessage(label, bytes),
    );
    this.#watch = new PathWatch(
      (request) => this.#messages.send('clock', request),
      () => this.#handleDown('the path is silent', false),
    );
    this.#peer.onState((state) => {
      if (state === 'connected') this.#handleConnected();
      else if (state === 'disconnected') this.#handleDown(state, false);
      else if (state === 'failed' || state === 'closed') this.#handleDown(state, true);
    });
  }

  /** Offers; `exchange` gives the answer. Rejects when there is none or it is unusable. */
  async open(exchange: (offer: OfferParts) => Promise<string>): Promise<void> {
    const { slots, lines } = this.publication;
    const sdp = this.#peer.setLocalDescription('offer');
    const datagram = { mid: lines.messages.mid, slots: [] };
    const answer = await exchange({ connectionId: this.id, sdp, slots, datagram });
    if (this.#closed) return;
    this.#peer.setRemoteDescription(answer, 'answer');
    for (const { mid, codecs } of parseMediaDescriptions(answer)) {
      this.publication.setParity(
        mid,
        codecs.some(({ name }) => name === fecCodecName),
      );
    }
  }

  /** The publication leaves by this connection from here on. */
  carry(): void {
    this.publication.sendOver(this.#tracks);
    this.publication.start();
  }

  /** Sends one report frame. */
  sendReport(frame: Uint8Array): void {
    this.#messages.send('report', frame);
  }

  /** So much gets lost that the library will soon give this connection up. */
  get isLossy(): boolean {
    return this.#messages.isLossy;
  }

  clockOffset(): ClockOffset | undefined {
    return this.#watch.clockOffset();
  }

  stats(): ConnectionStats {
    const { path, senders } = this.publication;
    return {
      roundTripMs: this.#messages.roundTripMs,
      sentBytes: path.uplink.bytes,
      path: path.state(),
      senders: senders.map((sender) => sender.stats()),
    };
  }

  /** What is known of its way over the network; bytes are those since the last call. */
  takePathFacts(): Omit<PathFacts, 'isConnected' | 'outageUs'> {
    const { path } = this.publication;
    return {
      connectionId: this.id,
      pair: this.#peer.selectedPair(),
      roundTripMs: this.#messages.roundTripMs,
      network: path.state(),
      sentBytes: path.uplink.takeBytes(),
    };
  }

  /** Idempotent. The publication stays. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#messages.close();
    this.#peer.close();
    this.clear();
  }

  #addAudio(line: AudioLine, isVoiceHeard: boolean): void {
    const track = this.#peer.addTrack(describeAudio(line));
    this.#tracks.set(line.mid, track);
    const voice = isVoiceHeard ? new VoiceReceiver(line.streamId ?? 0) : undefined;
    track.onPacket((packet) => {
      if (isRtcp(packet)) this.#handleFeedback(packet);
      else this.#handleVoice(voice?.handlePacket(packet));
    });
  }

  #handleMessage(label: MessageLabel, bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#watch.handleSignOfLife();
    this.emit('heard', {});
    if (label === 'clock') this.#watch.handleMessage(bytes);
    else if (label === 'control' || label === 'command') this.emit('commandReceived', bytes);
  }

  #handleFeedback(packet: Buffer): void {
    if (this.#closed || !isRtcp(packet)) return;
    this.#watch.handleSignOfLife();
    this.publication.handleFeedback(packet);
  }

  #handleVoice(frame: EncodedFrame | undefined): void {
    if (frame && !this.#closed) this.emit('voiceReceived', frame);
  }

  #handleConnected(): void {
    if (this.#closed || this.#isUp) return;
    this.#isUp = true;
    this.#watch.start();
    this.emit('connected', {});
  }

  #handleDown(reason: string, isGone: boolean): void {
    if (!this.#closed) this.emit('down', { reason, isGone });
  }
}
