import { randomInt } from 'node:crypto';
import { Emitter } from '@longreach/kit';
import type { Encoding, MessageLabel, RequestBody } from '@longreach/protocol';
import { isRtcp } from '@longreach/rtp';
import type { ClockOffset } from '@longreach/telemetry';
import { createPeer, type Peer, parseMediaDescriptions } from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { AudioSender } from './audio-sender.ts';
import type { RateBounds } from './connection-rate.ts';
import { MediaPath, type PathState } from './media-path.ts';
import { MessageLine } from './message-line.ts';
import { PathWatch } from './path-watch.ts';
import {
  type AudioLine,
  describeAudio,
  describeMessages,
  describeVideo,
  fecCodecName,
  type PublishedMedia,
  planLines,
  slotsOf,
  type VideoLine,
} from './track-lines.ts';
import type { SentBytes } from './uplink.ts';
import { type SenderStats, VideoSender } from './video-sender.ts';
import { VoiceReceiver } from './voice-receiver.ts';

/** What a connection publishes and from where. */
export type MediaConnectionOptions = PublishedMedia & {
  bindAddress: string;
  /** Bounds of the congestion control, as of now. */
  rateBounds: () => RateBounds;
};

/** Events of one connection; after `down` with `isGone` nothing works any more, otherwise it may recover. */
export type MediaConnectionEvents = {
  connected: Record<string, never>;
  /** Something came from the worker: both ends are up. */
  heard: Record<string, never>;
  down: { reason: string; isGone: boolean };
  commandReceived: Uint8Array;
  voiceReceived: EncodedFrame;
  keyFrameWanted: { streamId: number; encoding: Encoding };
};

/** How a connection is offered to the server. */
export type OfferParts = Pick<RequestBody<'offer'>, 'sdp' | 'slots' | 'datagram'>;

/** Counters of one connection. */
export type ConnectionStats = {
  roundTripMs: number | undefined;
  sentBytes: Readonly<SentBytes>;
  path: PathState | undefined;
  senders: SenderStats[];
};

const senderReportPeriodMs = 1000;

/** One peer connection to the media worker, from its offer to its end. It never reconnects. */
export class MediaConnection extends Emitter<MediaConnectionEvents> {
  readonly path: MediaPath;
  readonly #peer: Peer;
  readonly #lines: VideoLine[] = [];
  readonly #senders: Array<VideoSender | AudioSender> = [];
  readonly #messages: MessageLine;
  readonly #watch: PathWatch;
  readonly #offer: Omit<OfferParts, 'sdp'>;
  #audio: AudioSender | undefined;
  #reportTimer: NodeJS.Timeout | undefined;
  #isHeard = false;
  #closed = false;

  constructor(options: MediaConnectionOptions) {
    super();
    this.#peer = createPeer({ name: 'publish', bindAddress: options.bindAddress });
    this.path = new MediaPath(options.rateBounds);
    const { video, audio, messages } = planLines(options, createSsrcSource());
    for (const line of video) this.#addVideo(line);
    if (audio) this.#addAudio(audio, options.voice);
    const track = this.#peer.addTrack(describeMessages(messages));
    this.#messages = new MessageLine(messages, track, (label, bytes) =>
      this.#handleMessage(label, bytes),
    );
    this.#offer = { slots: slotsOf(video, audio), datagram: { mid: messages.mid, slots: [] } };
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
    const answer = await exchange({ sdp: this.#peer.setLocalDescription('offer'), ...this.#offer });
    if (this.#closed) return;
    this.#peer.setRemoteDescription(answer, 'answer');
    this.#readAnswer(answer);
  }

  /** Sends one encoded frame; one of a stream that is not published is dropped. */
  sendFrame(frame: EncodedFrame): void {
    if (frame.mediaType === 'video') this.path.sendFrame(frame);
    else if (this.#audio?.streamId === frame.streamId) this.#audio.sendFrame(frame);
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
    return {
      roundTripMs: this.#messages.roundTripMs,
      sentBytes: this.path.uplink.bytes,
      path: this.path.state(),
      senders: this.#senders.map((sender) => sender.stats()),
    };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reportTimer);
    this.#watch.close();
    this.#messages.close();
    this.path.close();
    this.#peer.close();
    this.clear();
  }

  #addVideo(line: VideoLine): void {
    const { streamId, encoding } = line;
    const track = this.#peer.addTrack(describeVideo(line));
    const sender = new VideoSender({
      line,
      track,
      pacer: this.path.pacer,
      onKeyFrameWanted: () => this.emit('keyFrameWanted', { streamId, encoding }),
    });
    this.#lines.push(line);
    this.#senders.push(sender);
    this.path.addSender(sender);
    track.onPacket((packet) => this.#handleFeedback(packet));
  }

  #addAudio(line: AudioLine, isVoiceHeard: boolean): void {
    const track = this.#peer.addTrack(describeAudio(line));
    this.#audio = new AudioSender(line, track, this.path);
    this.#senders.push(this.#audio);
    const voice = isVoiceHeard ? new VoiceReceiver(line.streamId ?? 0) : undefined;
    track.onPacket((packet) => {
      if (isRtcp(packet)) this.#handleFeedback(packet);
      else this.#handleVoice(voice?.handlePacket(packet));
    });
  }

  /** Parity is sent only where the answer took its codec. */
  #readAnswer(answer: string): void {
    const media = parseMediaDescriptions(answer);
    for (const { mid, ssrc } of this.#lines) {
      const codecs = media.find((line) => line.mid === mid)?.codecs ?? [];
      const sender = this.#senders.find((candidate) => candidate.ssrc === ssrc);
      if (!(sender instanceof VideoSender)) continue;
      sender.hasParity = codecs.some(({ name }) => name === fecCodecName);
    }
  }

  #handleMessage(label: MessageLabel, bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#watch.handleSignOfLife();
    if (!this.#isHeard) {
      this.#isHeard = true;
      this.emit('heard', {});
    }
    if (label === 'clock') this.#watch.handleMessage(bytes);
    else if (label === 'control' || label === 'command') this.emit('commandReceived', bytes);
  }

  #handleFeedback(packet: Buffer): void {
    if (this.#closed || !isRtcp(packet)) return;
    this.#watch.handleSignOfLife();
    this.path.handleFeedback(packet, this.#senders, (wish) => this.emit('keyFrameWanted', wish));
  }

  #handleVoice(frame: EncodedFrame | undefined): void {
    if (frame && !this.#closed) this.emit('voiceReceived', frame);
  }

  #handleConnected(): void {
    if (this.#closed || this.#reportTimer) return;
    this.#reportTimer = setInterval(() => {
      for (const sender of this.#senders) sender.sendReport();
    }, senderReportPeriodMs);
    this.#watch.start();
    this.path.start();
    this.emit('connected', {});
  }

  #handleDown(reason: string, isGone: boolean): void {
    if (!this.#closed) this.emit('down', { reason, isGone });
  }
}

/** Random SSRCs, each another one (RFC 3550 section 8). */
function createSsrcSource(): () => number {
  const taken = new Set<number>();
  return () => {
    let ssrc = randomInt(1, 0xffffffff);
    while (taken.has(ssrc)) ssrc = randomInt(1, 0xffffffff);
    taken.add(ssrc);
    return ssrc;
  };
}
