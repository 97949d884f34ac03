import type { Encoding } from '@longreach/protocol';
import { InherentLoss } from '@longreach/rtp';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';
import type { AudioSender } from './audio-sender.ts';
import { type ConnectionNetwork, ConnectionRate, type RateBounds } from './connection-rate.ts';
import { type EncodingWish, routeFeedback } from './feedback.ts';
import { Lane } from './pacing-queue.ts';
import { PacketPacer } from './packet-pacer.ts';
import { outerBytes, type PacketWay, Uplink } from './uplink.ts';
import type { PacketTag, VideoSender } from './video-sender.ts';

/** What a publication's way to the other side looks like now. */
export type PathState = ConnectionNetwork & {
  backlogUs: number;
  /** Packets wait until something is heard of those before them. */
  isHeld: boolean;
};

/** Time between two looks at the congestion control, ms. */
const stepMs = 10;
/** While nothing is heard a sign goes out this often, so that it is seen when the way is back, µs. */
const signUs = 20_000;

/** A probe is worth its bytes when so much of the rate is used. */
const leastUsedShare = 0.4;

/** The way of one publication's media: pace, congestion control, feedback, probes. */
export class MediaPath {
  readonly uplink: Uplink;
  readonly pacer: PacketPacer<PacketTag>;
  /** Hears when nothing is heard any more of what is sent, and when something is again. */
  onSilence: ((isSilent: boolean) => void) | undefined;
  readonly #rate: ConnectionRate;
  readonly #inherentLoss = new InherentLoss();
  readonly #senders: VideoSender[] = [];
  /** Rate of the pace; undefined = unknown. */
  #pacedBps: number | undefined;
  #newest: VideoSender | undefined;
  #signUs = 0;
  #pictureUs = 0;
  #isSilent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(rateBounds: () => RateBounds) {
    this.#rate = new ConnectionRate(rateBounds);
    this.uplink = new Uplink((sequence, bytes, nowUs) =>
      this.#rate.handleSent(sequence, bytes, nowUs),
    );
    this.pacer = new PacketPacer((packet, tag) => {
      this.uplink.send(tag.sender.way, packet, tag.purpose);
      tag.sender.handleSent(packet, tag);
    });
  }

  /** From here on `sender` sends on this way. */
  addSender(sender: VideoSender): void {
    this.#senders.push(sender);
  }

  /** Begins with what another publication over the same network knows. */
  follow(other: MediaPath): void {
    const nowUs = machineClock.nowUs();
    const network = other.#rate.network(nowUs);
    if (!network) return;
    for (const sender of this.#senders) {
      sender.handleLoss(network, { ...network, hasQueue: false }, nowUs);
    }
  }

  /** The sender of one encoding. */
  senderOf(streamId: number, encoding: Encoding): VideoSender | undefined {
    return this.#senders.find(
      (sender) => sender.streamId === streamId && sender.encoding === encoding,
    );
  }

  /** The connection is up. */
  start(): void {
    this.#timer ??= setInterval(() => this.#step(), stepMs);
  }

  /** Sends one access unit by the sender of its encoding. */
  sendFrame(frame: EncodedFrame): void {
    const sender = this.senderOf(frame.streamId, frame.encoding ?? 'main');
    if (!sender) return;
    if (sender.encoding === 'main') this.#newest = sender;
    this.#pictureUs = machineClock.nowUs();
    sender.sendFrame(frame);
    // Right behind a frame a probe makes the longest train.
    this.#probe(sender, machineClock.nowUs());
  }

  /** Sends one packet of sound: at once, it is too little to wait. */
  sendAudio(way: PacketWay, packet: Uint8Array): void {
    this.uplink.send(way, packet, 'audio');
    this.pacer.spend(packet.length + outerBytes);
  }

  /** Takes one RTCP packet of the other side. */
  handleFeedback(
    packet: Buffer,
    senders: ReadonlyArray<VideoSender | AudioSender>,
    onKeyFrameWanted: (wish: EncodingWish) => void,
  ): void {
    routeFeedback(packet, senders, {
      onKeyFrameWanted,
      onTransportFeedback: (feedback) => {
        this.#rate.handleFeedback(feedback, this.pacer.heldBytes);
        this.pacer.setRoom(this.#rate.roomBytes(machineClock.nowUs()));
        this.#protect();
      },
      onLimit: (bitrateBps) => this.#rate.handleLimit(bitrateBps),
    });
  }

  /** This stream's packets go before those of the others. */
  preferStream(streamId: number | undefined): void {
    for (const sender of this.#senders) {
      if (sender.encoding === 'small') continue;
      sender.lane = sender.streamId === streamId ? Lane.main : Lane.other;
    }
  }

  /** Most parity for each byte of media. */
  limitRedundancy(share: number): void {
    for (const sender of this.#senders) sender.limitRedundancy(share);
  }

  /** Nothing is heard any more of what is sent. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** What is known now; undefined before anything was sent. */
  state(): PathState | undefined {
    const network = this.#rate.network(machineClock.nowUs());
    if (!network) return undefined;
    const isHeld = network.isOverdue && this.pacer.heldBytes > 0;
    return { ...network, backlogUs: this.pacer.backlogUs(), isHeld };
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.pacer.close();
  }

  #step(): void {
    const nowUs = machineClock.nowUs();
    this.#rate.tick(nowUs);
    const network = this.#rate.network(nowUs);
    if (!network) return;
    this.#pace(network.targetBps);
    this.pacer.setRoom(this.#rate.roomBytes(nowUs));
    this.#tellSilence(network.isStarved);
    if (network.isStarved && nowUs - Math.max(this.#pictureUs, this.#signUs) > signUs) {
      this.#signUs = nowUs;
      this.#newest?.sendSign();
    }
  }

  #tellSilence(isSilent: boolean): void {
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    this.onSilence?.(isSilent);
  }

  #probe(sender: VideoSender, nowUs: number): void {
    // While the encoders need little, more would not be used and is not worth sending anything for.
    let usedBps = 0;
    for (const { cost } of this.#senders) usedBps += cost.encodedBps(nowUs);
    const targetBps = this.#rate.network(nowUs)?.targetBps;
    if (targetBps === undefined || usedBps < leastUsedShare * targetBps) return;
    const probeBytes = this.#rate.takeProbeBytes(nowUs);
    if (probeBytes > 0) sender.probe(probeBytes);
  }

  #pace(targetBps: number | undefined): void {
    if (targetBps === this.#pacedBps) return;
    this.#pacedBps = targetBps;
    this.pacer.setRate(
      targetBps === undefined ? { kind: 'unknown' } : { kind: 'estimated', bitrateBps: targetBps },
    );
  }

  /** Tells every stream's redundancy what the link loses. */
  #protect(): void {
    const nowUs = machineClock.nowUs();
    const network = this.#rate.network(nowUs);
    if (!network) return;
    const loss = this.#inherentLoss.update(network, network.queueDelayUs, nowUs);
    const { hasQueue } = this.#inherentLoss;
    const way = { ...network, hasQueue };
    for (const sender of this.#senders) sender.handleLoss(loss, way, nowUs);
  }
}
