import { randomInt } from 'node:crypto';
import { Emitter } from '@longreach/kit';
import type { Encoding, Slot } from '@longreach/protocol';
import type { MediaTrack } from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { AudioSender } from './audio-sender.ts';
import type { RateBounds } from './connection-rate.ts';
import { MediaPath } from './media-path.ts';
import { type PublishedMedia, planLines, slotsOf } from './track-lines.ts';
import { VideoSender } from './video-sender.ts';

/** What is published, and how fast at most. */
export type PublicationOptions = PublishedMedia & {
  /** Bounds of the congestion control, as of now. */
  rateBounds: () => RateBounds;
};

/** Events of a publication, whichever connection they came through. */
export type PublicationEvents = {
  keyFrameWanted: { streamId: number; encoding: Encoding };
};

const senderReportPeriodMs = 1000;
/**
 * A stream this close to the end of its sequence numbers stays on its connection: a receiver that got no packet before
 * the numbers begin anew could not decrypt any after it (RFC 3711 section 3.3.1).
 */
const lastNumbers = 256;

/**
 * What the machine sends, with its SSRCs, packet numbers, repeats and congestion control. It outlasts a connection:
 * the next one carries it on, and the other side misses nothing.
 */
export class Publication extends Emitter<PublicationEvents> {
  readonly lines: ReturnType<typeof planLines>;
  readonly path: MediaPath;
  readonly senders: ReadonlyArray<VideoSender | AudioSender>;
  readonly #videos: readonly VideoSender[];
  readonly #audio: AudioSender | undefined;
  #reportTimer: NodeJS.Timeout | undefined;

  constructor(options: PublicationOptions) {
    super();
    this.lines = planLines(options, createSsrcSource());
    this.path = new MediaPath(options.rateBounds);
    const { pacer } = this.path;
    this.#videos = this.lines.video.map((line) => {
      const { streamId, encoding } = line;
      const onKeyFrameWanted = () => this.emit('keyFrameWanted', { streamId, encoding });
      return new VideoSender({ line, pacer, onKeyFrameWanted });
    });
    for (const sender of this.#videos) this.path.addSender(sender);
    this.#audio = this.lines.audio && new AudioSender(this.lines.audio, this.path);
    this.senders = this.#audio ? [...this.#videos, this.#audio] : this.#videos;
  }

  /** Which stream each m-line publishes, for the server. */
  get slots(): Slot[] {
    return slotsOf(this.lines.video, this.lines.audio);
  }

  /** Whether another connection may carry it on from here. */
  get isMovable(): boolean {
    return this.senders.every((sender) => sender.numbersLeft > lastNumbers);
  }

  /** From here on everything leaves by these tracks, by mid. */
  sendOver(tracks: ReadonlyMap<string, MediaTrack>): void {
    for (const sender of this.senders) {
      const track = tracks.get(sender.mid);
      if (track) sender.way = track;
    }
  }

  /** A connection carries it now. Idempotent. */
  start(): void {
    this.path.start();
    this.#reportTimer ??= setInterval(() => {
      for (const sender of this.senders) sender.sendReport();
    }, senderReportPeriodMs);
  }

  /** Parity is sent only where the other side took its codec. */
  setParity(mid: string, isTaken: boolean): void {
    const sender = this.#videos.find((candidate) => candidate.mid === mid);
    if (sender) sender.hasParity = isTaken;
  }

  /** Sends one encoded frame; one of a stream that is not published is dropped. */
  sendFrame(frame: EncodedFrame): void {
    if (frame.mediaType === 'video') this.path.sendFrame(frame);
    else if (this.#audio?.streamId === frame.streamId) this.#audio.sendFrame(frame);
  }

  /** Takes one RTCP packet of the other side. */
  handleFeedback(packet: Buffer): void {
    this.path.handleFeedback(packet, this.senders, (wish) => this.emit('keyFrameWanted', wish));
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#reportTimer);
    this.path.close();
    this.clear();
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
