import { randomInt } from 'node:crypto';
import {
  PacketBuilder,
  packetizeH264,
  type ReportBlock,
  readSequence,
  readTimestamp,
  type TransportSequence,
  videoClockRate,
  writeTransportSequence,
} from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';
import { PacketPacer } from './packet-pacer.ts';
import { PacketRepeater } from './packet-repeater.ts';
import { type Reception, readReception } from './reception.ts';
import { createSenderReport } from './sender-report.ts';
import { payloadTypes, type VideoLine } from './track-lines.ts';

/** Counters of one sent stream on one connection. */
export type SenderStats = {
  streamId: number;
  mediaType: 'video' | 'audio';
  packets: number;
  payloadBytes: number;
  repeated: number;
  reception: Reception | undefined;
};

/** Sends the frames of one video stream on one connection: packets, pacing, repeats, sender reports. */
export class VideoSender {
  readonly streamId: number;
  readonly ssrc: number;
  readonly #track: MediaTrack;
  readonly #transportSequence: TransportSequence;
  readonly #builder: PacketBuilder;
  readonly #repeater: PacketRepeater;
  readonly #pacer = new PacketPacer((packet) => this.#sendPacket(packet));
  readonly #onKeyFrameWanted: () => void;
  /** A receiver can begin with a key frame only; what comes before it is not worth sending. */
  #needsKeyFrame = true;
  #reception: Reception | undefined;

  constructor(
    line: VideoLine,
    track: MediaTrack,
    transportSequence: TransportSequence,
    onKeyFrameWanted: () => void,
  ) {
    this.streamId = line.streamId;
    this.ssrc = line.ssrc;
    this.#track = track;
    this.#transportSequence = transportSequence;
    this.#onKeyFrameWanted = onKeyFrameWanted;
    this.#builder = new PacketBuilder({
      payloadType: payloadTypes.h264,
      ssrc: line.ssrc,
      mid: line.mid,
      firstSequence: randomInt(0x10000),
    });
    this.#repeater = new PacketRepeater({
      mid: line.mid,
      rtxSsrc: line.rtxSsrc,
      firstSequence: randomInt(0x10000),
    });
  }

  /** Sends one access unit. */
  sendFrame(frame: EncodedFrame): void {
    if (frame.key) this.#needsKeyFrame = false;
    if (this.#needsKeyFrame) {
      this.#onKeyFrameWanted();
      return;
    }
    const packets = packetizeH264(frame.data, frame.captureTimeUs, this.#builder);
    if (this.#pacer.sendFrame(packets, frame.key)) return;
    this.#needsKeyFrame = true;
    this.#onKeyFrameWanted();
  }

  /** Repeats what the other side misses. */
  handleNack(sequences: number[]): void {
    const nowUs = machineClock.nowUs();
    const transportSequence = () => this.#transportSequence.take();
    for (const sequence of sequences) {
      const packet = this.#repeater.repeat(sequence, transportSequence, nowUs);
      if (packet) this.#track.send(packet);
    }
  }

  /** Takes what the other side reports about this stream. */
  handleReport(block: ReportBlock): void {
    this.#reception = readReception(block);
  }

  /** Sends a sender report, once something was sent. */
  sendReport(): void {
    const report = createSenderReport(this.ssrc, this.#builder, videoClockRate);
    if (report) this.#track.send(report);
  }

  stats(): SenderStats {
    return {
      streamId: this.streamId,
      mediaType: 'video',
      packets: this.#builder.packets,
      payloadBytes: this.#builder.payloadBytes,
      repeated: this.#repeater.repeated,
      reception: this.#reception,
    };
  }

  /** Idempotent. */
  close(): void {
    this.#pacer.close();
  }

  #sendPacket(packet: Buffer): void {
    writeTransportSequence(packet, this.#transportSequence.take());
    this.#track.send(packet);
    const nowUs = machineClock.nowUs();
    this.#repeater.remember(readSequence(packet), readTimestamp(packet), packet, nowUs);
  }
}
