import type { Encoding, GatewaySendStats } from '@longreach/protocol';
import {
  type LossReport,
  PacketBuilder,
  packetizeH264,
  type ReportBlock,
  readMarker,
  readSequence,
  readTimestamp,
  requestGapUs,
  sequenceDistance,
  videoClockRate,
} from '@longreach/rtp';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';
import { SendMeter } from '../statistics/send-meter.ts';
import { firstSequence } from './first-sequence.ts';
import { FrameParity } from './frame-parity.ts';
import { Lane } from './pacing-queue.ts';
import type { PacketPacer } from './packet-pacer.ts';
import { PacketRepeater } from './packet-repeater.ts';
import { type Reception, readReception } from './reception.ts';
import { SendCost } from './send-cost.ts';
import { createSenderReport } from './sender-report.ts';
import { payloadTypes, type VideoLine } from './track-lines.ts';
import { closedWay, outerBytes, type PacketPurpose, type PacketWay } from './uplink.ts';

/** Counters of one sent stream. */
export type SenderStats = {
  streamId: number;
  mediaType: 'video' | 'audio';
  encoding?: Encoding;
  packets: number;
  payloadBytes: number;
  repeated: number;
  reception: Reception | undefined;
};

/** Where a paced packet goes when its time has come. */
export type PacketTag = {
  sender: VideoSender;
  purpose: PacketPurpose;
  /** When the encoder handed over the picture that the packet is of, machine clock, µs. */
  encodedTimeUs?: number;
};

/** How long packets and answers are on their way now, µs, and whether packets wait there. */
export type SenderWay = { roundTripUs: number; queueDelayUs: number; hasQueue: boolean };

/** What a sender is made of. */
export type VideoSenderOptions = {
  line: VideoLine;
  pacer: PacketPacer<PacketTag>;
  /** Nothing that was sent can be followed: the encoder must begin anew. */
  onKeyFrameWanted: () => void;
};

/** Where losses come in runs, a single repeat is lost in the rest of one. */
const burst = { fromPackets: 2.5, copies: 2 };
/** With so much before them repeats are too late, µs. */
const maxRepeatBacklogUs = 250_000;
/** While packets wait on the way, so many repeats are more to carry than a key frame that shows something. */
const maxQueuedRepeats = 8;

/** Sends the frames of one encoding: packets, parity, repeats, sender reports. */
export class VideoSender {
  readonly streamId: number;
  readonly encoding: Encoding;
  readonly mid: string;
  readonly ssrc: number;
  /** By which its packets leave now. */
  way: PacketWay = closedWay;
  /** What the stream costs on the wire. */
  readonly cost = new SendCost();
  readonly #meter = new SendMeter(machineClock.nowUs());
  /** Its place in the order of sending. */
  lane: Lane;
  /** Whether the other side understands parity packets. */
  hasParity = false;
  readonly #pacer: PacketPacer<PacketTag>;
  readonly #builder: PacketBuilder;
  readonly #parity: FrameParity;
  readonly #repeater: PacketRepeater;
  readonly #onKeyFrameWanted: () => void;
  readonly #tags: Record<'media' | 'parity' | 'repeat' | 'probe', PacketTag>;
  /** A receiver can begin with a key frame only; what comes before it is not worth sending. */
  #needsKeyFrame = true;
  #newestSequence: number | undefined;
  #burstCopies = 1;
  /** Whether packets wait on the way now: then the network loses them because there are too many. */
  #hasQueue = false;
  /** What was sent up to here is not repeated any more: a key frame was asked for instead. */
  #abandonedTo: number | undefined;
  #reception: Reception | undefined;

  constructor({ line, pacer, onKeyFrameWanted }: VideoSenderOptions) {
    this.streamId = line.streamId;
    this.encoding = line.encoding;
    this.mid = line.mid;
    this.ssrc = line.ssrc;
    this.lane = line.encoding === 'main' ? Lane.other : Lane.small;
    this.#pacer = pacer;
    this.#onKeyFrameWanted = onKeyFrameWanted;
    const { mid, ssrc, rtxSsrc } = line;
    this.#builder = new PacketBuilder({
      payloadType: payloadTypes.h264,
      ssrc,
      mid,
      firstSequence: firstSequence(),
    });
    this.#parity = new FrameParity(line);
    this.#repeater = new PacketRepeater({ mid, rtxSsrc, firstSequence: firstSequence() });
    const tag = (purpose: PacketPurpose): PacketTag => ({ sender: this, purpose });
    this.#tags = {
      media: tag('media'),
      parity: tag('parity'),
      repeat: tag('repeat'),
      probe: tag('probe'),
    };
  }

  /** Packets that each of its SSRCs can still send before its numbers begin anew. */
  get numbersLeft(): number {
    const { numbersLeft } = this.#builder;
    return Math.min(numbersLeft, this.#parity.numbersLeft, this.#repeater.numbersLeft);
  }

  /** The most that is sent against loss, parity for each byte of media. */
  limitRedundancy(share: number): void {
    this.#parity.policy.setMaxShare(share);
  }

  /** Takes what the network loses by itself, and how long packets and answers are on their way. */
  handleLoss(loss: LossReport, way: SenderWay, nowUs: number): void {
    const { roundTripUs, queueDelayUs, hasQueue } = way;
    this.#hasQueue = hasQueue;
    this.#repeater.answerUs = hasQueue ? roundTripUs + queueDelayUs : requestGapUs(roundTripUs);
    this.#parity.knowsLoss = true;
    this.#burstCopies = loss.burstPackets >= burst.fromPackets ? burst.copies : 1;
    this.#parity.policy.handleLoss(loss, nowUs);
    this.#parity.policy.setRoundTripUs(roundTripUs);
  }

  /** Bytes on the wire for each encoded byte, repairs included. */
  costFactor(nowUs: number): number {
    return this.cost.factor(this.hasParity ? this.#parity.share : 0, nowUs);
  }

  /** Sends one access unit. */
  sendFrame(frame: EncodedFrame): void {
    if (frame.key) this.#needsKeyFrame = false;
    if (this.#needsKeyFrame) {
      this.#meter.handleDropped();
      this.#onKeyFrameWanted();
      return;
    }
    const packets = packetizeH264(frame.data, frame.captureTimeUs, this.#builder);
    const parity = this.hasParity ? this.#parity.protect(packets, frame.captureTimeUs) : [];
    const nowUs = machineClock.nowUs();
    const { encodedTimeUs } = frame;
    this.cost.handleFrame(frame.data.length, packets, nowUs);
    for (const packet of packets) {
      this.#repeater.remember(readSequence(packet), readTimestamp(packet), packet, nowUs);
    }
    const isTaken =
      this.#pacer.push(this.lane, packets, { ...this.#tags.media, encodedTimeUs }) &&
      this.#pacer.push(this.lane, parity, this.#tags.parity);
    const newest = packets.at(-1);
    if (newest) this.#newestSequence = readSequence(newest);
    if (isTaken) {
      this.#meter.handlePicture();
      return;
    }
    this.#meter.handleDropped();
    this.#needsKeyFrame = true;
    this.#onKeyFrameWanted();
  }

  /** One of its packets left. */
  handleSent(packet: Uint8Array, { encodedTimeUs }: PacketTag): void {
    this.#meter.handlePacket(packet.length + outerBytes);
    if (encodedTimeUs === undefined || !readMarker(packet)) return;
    this.#meter.handleSent(machineClock.nowUs() - encodedTimeUs);
  }

  /** It is watched from now on. */
  startStats(): void {
    this.#meter.start(machineClock.nowUs());
  }

  /** What it did since the last call. */
  takeStats(nowUs: number): GatewaySendStats {
    const parityRatio = this.hasParity ? this.#parity.share : 0;
    return this.#meter.take(nowUs, { repeated: this.#repeater.repeated, parityRatio });
  }

  /** Repeats what the other side misses. */
  handleNack(sequences: readonly number[]): void {
    const nowUs = machineClock.nowUs();
    const due = this.#repeater.due(
      sequences.filter((sequence) => !this.#isAbandoned(sequence)),
      nowUs,
    );
    if (due.length === 0) return;
    // What would wait long comes too late; a new picture that needs none of it is less to carry.
    const isMuch = this.#hasQueue && due.length > maxQueuedRepeats;
    if (isMuch || this.#pacer.backlogUs() > maxRepeatBacklogUs) {
      this.#abandonedTo = this.#newestSequence;
      this.#onKeyFrameWanted();
      return;
    }
    const most = Math.max(this.#parity.policy.copies, this.#burstCopies);
    const packets = this.#repeater.repeatAll(due, this.#hasQueue ? 1 : most, nowUs);
    this.cost.handleRepeats(packets, nowUs);
    this.#pacer.push(Lane.repeat, packets, this.#tags.repeat);
  }

  /** Sends about so many bytes that the receiver may use and that show what the link carries. */
  probe(bytes: number): void {
    const rows = this.hasParity ? this.#parity.more(bytes) : [];
    this.#pacer.push(Lane.repeat, rows, this.#tags.probe);
  }

  /** Sends the newest packet once more: whoever gets it knows that the link is there and what is missing. */
  sendSign(): void {
    if (this.#newestSequence === undefined) return;
    const sign = this.#repeater.sign(this.#newestSequence, machineClock.nowUs());
    if (sign) this.#pacer.push(Lane.repeat, [sign], this.#tags.probe);
  }

  /** Takes what the other side reports about this stream. */
  handleReport(block: ReportBlock): void {
    const reception = readReception(block);
    this.#reception = reception;
    const jitterMs = (reception.jitter * 1000) / videoClockRate;
    this.#meter.handleReception({ ...reception, jitterMs });
  }

  /** Sends a sender report, once something was sent. */
  sendReport(): void {
    const report = createSenderReport(this.ssrc, this.#builder, videoClockRate);
    if (report) this.way.send(report);
  }

  stats(): SenderStats {
    return {
      streamId: this.streamId,
      mediaType: 'video',
      encoding: this.encoding,
      packets: this.#builder.packets,
      payloadBytes: this.#builder.payloadBytes,
      repeated: this.#repeater.repeated,
      reception: this.#reception,
    };
  }

  #isAbandoned(sequence: number): boolean {
    return this.#abandonedTo !== undefined && sequenceDistance(this.#abandonedTo, sequence) <= 0;
  }
}
