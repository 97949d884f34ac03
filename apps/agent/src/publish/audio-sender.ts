import { opusClockRate, PacketBuilder, packetizeOpus, type ReportBlock } from '@longreach/rtp';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { firstSequence } from './first-sequence.ts';
import { type Reception, readReception } from './reception.ts';
import { createSenderReport } from './sender-report.ts';
import { type AudioLine, payloadTypes } from './track-lines.ts';
import { closedWay, type PacketWay } from './uplink.ts';
import type { SenderStats } from './video-sender.ts';

/** What takes the packets of sound. */
export type AudioPath = { sendAudio(way: PacketWay, packet: Uint8Array): void };

/** Sends the machine's sound, one packet for each Opus frame. */
export class AudioSender {
  readonly streamId: number | undefined;
  readonly mid: string;
  readonly ssrc: number;
  /** By which its packets leave now. */
  way: PacketWay = closedWay;
  readonly #path: AudioPath;
  readonly #builder: PacketBuilder;
  #reception: Reception | undefined;

  constructor(line: AudioLine, path: AudioPath) {
    this.streamId = line.streamId;
    this.mid = line.mid;
    this.ssrc = line.ssrc;
    this.#path = path;
    this.#builder = new PacketBuilder({
      payloadType: payloadTypes.opus,
      ssrc: line.ssrc,
      mid: line.mid,
      firstSequence: firstSequence(),
    });
  }

  /** Packets that can still be sent before the numbers begin anew. */
  get numbersLeft(): number {
    return this.#builder.numbersLeft;
  }

  /** Sends one Opus packet. */
  sendFrame(frame: EncodedFrame): void {
    const packet = packetizeOpus(frame.data, frame.captureTimeUs, this.#builder);
    this.#path.sendAudio(this.way, packet);
  }

  /** Takes what the other side reports about this stream. */
  handleReport(block: ReportBlock): void {
    this.#reception = readReception(block);
  }

  /** Sends a sender report, once something was sent. */
  sendReport(): void {
    const report = createSenderReport(this.ssrc, this.#builder, opusClockRate);
    if (report) this.way.send(report);
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
