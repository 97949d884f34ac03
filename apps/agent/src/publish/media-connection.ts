import { randomInt } from 'node:crypto';
import { Emitter } from '@longreach/kit';
import { dataChannels, type Slot, type StreamInfo } from '@longreach/protocol';
import { isRtcp, TransportSequence } from '@longreach/rtp';
import type { ClockOffset } from '@longreach/telemetry';
import { createPeer, type Peer, type PeerChannel } from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { AudioSender } from './audio-sender.ts';
import { routeFeedback } from './feedback.ts';
import { PathWatch } from './path-watch.ts';
import { describeAudio, describeVideo, planLines, slotsOf } from './track-lines.ts';
import { type SenderStats, VideoSender } from './video-sender.ts';
import { VoiceReceiver } from './voice-receiver.ts';

/** What a connection publishes and from where. */
export type MediaConnectionOptions = {
  streams: StreamInfo[];
  voice: boolean;
  bindAddress: string;
};

/** Events of one connection; after `down` with `isGone` nothing works any more, otherwise it may recover. */
export type MediaConnectionEvents = {
  connected: Record<string, never>;
  down: { reason: string; isGone: boolean };
  commandReceived: Buffer;
  voiceReceived: EncodedFrame;
  keyFrameWanted: { streamId: number };
};

const senderReportPeriodMs = 1000;
/** Report bytes that may wait; above it the newer report is dropped, a still newer one follows. */
const maxReportBufferedBytes = 4096;

/** One peer connection to the media worker, from its offer to its end. It never reconnects. */
export class MediaConnection extends Emitter<MediaConnectionEvents> {
  readonly #peer: Peer;
  readonly #videoByStream = new Map<number, VideoSender>();
  readonly #senders: Array<VideoSender | AudioSender> = [];
  #audio: AudioSender | undefined;
  readonly #report: PeerChannel;
  readonly #watch: PathWatch;
  readonly #slots: Slot[];
  #reportTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MediaConnectionOptions) {
    super();
    this.#peer = createPeer({ name: 'publish', bindAddress: options.bindAddress });
    this.#slots = this.#addTracks(options);
    for (const label of ['control', 'command'] as const) {
      this.#createChannel(label).onMessage((bytes) => {
        if (!this.#closed) this.emit('commandReceived', bytes);
      });
    }
    this.#report = this.#createChannel('report');
    const clock = this.#createChannel('clock');
    this.#watch = new PathWatch(clock, () => this.#handleDown('the path is silent', false));
    this.#peer.onState((state) => {
      if (state === 'connected') this.#handleConnected();
      else if (state === 'disconnected') this.#handleDown(state, false);
      else if (state === 'failed' || state === 'closed') this.#handleDown(state, true);
    });
  }

  /** Offers; `exchange` gives the answer. Rejects when there is none or it is unusable. */
  async open(exchange: (sdp: string, slots: Slot[]) => Promise<string>): Promise<void> {
    const answer = await exchange(this.#peer.setLocalDescription('offer'), this.#slots);
    if (!this.#closed) this.#peer.setRemoteDescription(answer, 'answer');
  }

  /** Sends one encoded frame; one of a stream that is not published is dropped. */
  sendFrame(frame: EncodedFrame): void {
    if (frame.mediaType === 'video') this.#videoByStream.get(frame.streamId)?.sendFrame(frame);
    else if (this.#audio?.streamId === frame.streamId) this.#audio.sendFrame(frame);
  }

  /** Sends one report frame, unless older ones still wait. */
  sendReport(frame: Uint8Array): void {
    if (this.#report.isOpen() && this.#report.bufferedBytes() <= maxReportBufferedBytes) {
      this.#report.send(frame);
    }
  }

  clockOffset(): ClockOffset | undefined {
    return this.#watch.clockOffset();
  }

  stats(): { roundTripMs: number | undefined; senders: SenderStats[] } {
    return {
      roundTripMs: this.#peer.roundTripMs(),
      senders: this.#senders.map((sender) => sender.stats()),
    };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reportTimer);
    this.#watch.close();
    for (const sender of this.#videoByStream.values()) sender.close();
    this.#peer.close();
    this.clear();
  }

  #addTracks(options: MediaConnectionOptions): Slot[] {
    const transportSequence = new TransportSequence();
    const { video, audio } = planLines(options.streams, options.voice, createSsrcSource());
    for (const line of video) {
      const track = this.#peer.addTrack(describeVideo(line));
      const sender = new VideoSender(line, track, transportSequence, () =>
        this.emit('keyFrameWanted', { streamId: line.streamId }),
      );
      this.#videoByStream.set(line.streamId, sender);
      this.#senders.push(sender);
      track.onPacket((packet) => this.#handleFeedback(packet));
    }
    if (audio) {
      const track = this.#peer.addTrack(describeAudio(audio));
      this.#audio = new AudioSender(audio, track, transportSequence);
      this.#senders.push(this.#audio);
      const voice = options.voice ? new VoiceReceiver(audio.streamId ?? 0) : undefined;
      track.onPacket((packet) => {
        if (isRtcp(packet)) this.#handleFeedback(packet);
        else this.#handleVoice(voice?.handlePacket(packet));
      });
    }
    return slotsOf(video, audio);
  }

  #createChannel(label: keyof typeof dataChannels): PeerChannel {
    return this.#peer.createChannel(label, dataChannels[label]);
  }

  #handleFeedback(packet: Buffer): void {
    if (this.#closed || !isRtcp(packet)) return;
    routeFeedback(packet, this.#senders, (streamId) => this.emit('keyFrameWanted', { streamId }));
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
