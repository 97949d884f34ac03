import { randomInt } from 'node:crypto';
import { opusClockRate, PacketBuilder, packetizeOpus, type ReportBlock } from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { type Reception, readReception } from './reception.ts';
import { createSenderReport } from './sender-report.ts';
import { type AudioLine, payloadTypes } from './track-lines.ts';
import type { SenderStats } from './video-sender.ts';

/** The way of a connection's sound. */
export type AudioPath = { sendAudio(track: MediaTrack, packet: Uint8Array): void };

/** Sends the machine's sound on one connection, one packet for each Opus frame. */
export class AudioSender {
  readonly streamId: number | undefined;
  readonly ssrc: number;
  readonly #track: MediaTrack;
  readonly #path: AudioPath;
  readonly #builder: PacketBuilder;
  #reception: Reception | undefined;

  constructor(line: AudioLine, track: MediaTrack, path: AudioPath) {
    this.streamId = line.streamId;
    this.ssrc = line.ssrc;
    this.#track = track;
    this.#path = path;
    this.#builder = new PacketBuilder({
      payloadType: payloadTypes.opus,
      ssrc: line.ssrc,
      mid: line.mid,
      firstSequence: randomInt(0x10000),
    });
  }

  /** Sends one Opus packet. */
  sendFrame(frame: EncodedFrame): void {
    const packet = packetizeOpus(frame.data, frame.captureTimeUs, this.#builder);
    this.#path.sendAudio(this.#track, packet);
  }

  /** Takes what the other side reports about this stream. */
  handleReport(block: ReportBlock): void {
    this.#reception = readReception(block);
  }

  /** Sends a sender report, once something was sent. */
  sendReport(): void {
    const report = createSenderReport(this.ssrc, this.#builder, opusClockRate);
    if (report) this.#track.send(report);
  }

  stats(): SenderStats {
    return {
      streamId: this.streamId ?? 0,
      mediaType: 'audio',
      packets: this.#builder.packets,
      payloadBytes: this.#builder.payloadBytes,
      repeated: 0,
      reception: this.#reception,
    };
  }
}
