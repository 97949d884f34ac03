import {
  ArrivalLog,
  buildNack,
  buildPli,
  canonicalHeaderBytes,
  type RecoveredPacket,
  RepairReceiver,
  readMarker,
  readSequence,
  readSsrc,
  readTimestamp,
  rtpTimestamp,
  unwrapRtx,
} from '@longreach/rtp';
import { FrameAssembler } from '@longreach/rtp/receive';
import { machineClock } from '../../local/machine-clock.ts';
import type { EncodeOrder, RateNotice, StreamEncoding } from '../encoding-rate.ts';
import { silentLog } from '../log.ts';
import { MediaPath } from '../media-path.ts';
import { StreamKeyFrames } from '../stream-key-frames.ts';
import { StreamRates } from '../stream-rates.ts';
import { payloadTypes } from '../track-lines.ts';
import { VideoSender } from '../video-sender.ts';
import { VirtualEncoder } from './virtual-encoder.ts';
import type { VirtualLink } from './virtual-link.ts';

/** One whole picture at the receiver. */
export type ShownPicture = { atUs: number; captureTimeUs: number; key: boolean };

type Stream = {
  encoder: VirtualEncoder;
  sender: VideoSender;
  repair: RepairReceiver;
  assembler: FrameAssembler;
  shown: ShownPicture[];
  pliUs: number;
};

const pliGapUs = 100_000;

/** The machine's way out and a worker that repairs it, with a network between them, all under virtual time. */
export class VirtualUplink {
  readonly path: MediaPath;
  readonly rates: StreamRates;
  readonly notices: RateNotice[] = [];
  readonly orders: EncodeOrder[] = [];
  readonly #streams = new Map<number, Stream>();
  readonly #keyFrames: StreamKeyFrames;
  readonly #arrivals = new ArrivalLog();
  readonly #forth: VirtualLink;
  readonly #back: VirtualLink;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(streams: StreamEncoding[], forth: VirtualLink, back: VirtualLink) {
    this.#forth = forth;
    this.#back = back;
    this.rates = new StreamRates({
      streams,
      clock: machineClock,
      path: () => this.path,
      hasAudio: () => false,
      order: (order) => {
        this.orders.push(order);
        this.#streams.get(order.streamId)?.encoder.setParameters(order);
      },
      notify: (notice) => this.notices.push(notice),
      log: silentLog,
    });
    this.path = new MediaPath(() => this.rates.bounds());
    this.#keyFrames = new StreamKeyFrames(machineClock, (streamId) =>
      this.#streams.get(streamId)?.encoder.requestKeyFrame(),
    );
    for (const [i, stream] of streams.entries()) this.#addStream(stream, i);
    for (const { streamId } of streams) this.rates.setActive(streamId, 'main', true);
    for (const { encoder } of this.#streams.values()) encoder.start();
    this.path.start();
    this.#timers.push(setInterval(() => this.#work(), 1));
  }

  /** Whole pictures of a stream, in order. */
  shown(streamId: number): readonly ShownPicture[] {
    return this.#streams.get(streamId)?.shown ?? [];
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const { encoder } of this.#streams.values()) encoder.stop();
    this.path.close();
    this.rates.close();
    this.#keyFrames.close();
  }

  #addStream(stream: StreamEncoding, place: number): void {
    const { streamId } = stream;
    const ssrc = 100 * (place + 1);
    const line = {
      mid: String(place),
      streamId,
      encoding: 'main' as const,
      ssrc,
      rtxSsrc: ssrc + 1,
      fecSsrc: ssrc + 2,
    };
    const sender = new VideoSender({
      line,
      pacer: this.path.pacer,
      onKeyFrameWanted: () => this.#keyFrames.want(streamId),
    });
    sender.way = { send: (packet) => this.#sendForth(Buffer.from(packet)) };
    sender.hasParity = true;
    this.path.addSender(sender);
    const encoder = new VirtualEncoder(streamId, stream.fps, (frame) => {
      if (frame.key) this.#keyFrames.handleKeyFrame(streamId);
      this.path.sendFrame(frame);
    });
    this.#streams.set(streamId, {
      encoder,
      sender,
      repair: new RepairReceiver(),
      assembler: new FrameAssembler(),
      shown: [],
      pliUs: Number.NEGATIVE_INFINITY,
    });
  }

  #sendForth(packet: Buffer): boolean {
    const nowUs = machineClock.nowUs();
    const atUs = this.#forth.handlePacket(packet.length + 10, nowUs);
    if (atUs !== undefined) {
      setTimeout(() => this.#handleArrival(packet, atUs), Math.ceil((atUs - nowUs) / 1000));
    }
    return true;
  }

  #sendBack(packet: Uint8Array, nowUs: number): void {
    const atUs = this.#back.handlePacket(packet.length + 14, nowUs);
    if (atUs === undefined) return;
    const senders = [...this.#streams.values()].map(({ sender }) => sender);
    setTimeout(
      () => {
        this.path.handleFeedback(Buffer.from(packet), senders, ({ streamId }) =>
          this.#keyFrames.want(streamId),
        );
      },
      Math.ceil((atUs - nowUs) / 1000),
    );
  }

  #handleArrival(packet: Buffer, atUs: number): void {
    const ssrc = readSsrc(packet);
    const stream = [...this.#streams.values()].find(
      ({ sender }) => Math.abs(ssrc - sender.ssrc) < 3,
    );
    if (!stream) return;
    this.#arrivals.handlePacket(packet.readUInt16BE(20), atUs);
    const original = { ssrc: stream.sender.ssrc, payloadType: payloadTypes.h264 };
    if (ssrc === original.ssrc) this.#handleMedia(stream, packet, atUs);
    else if (ssrc === original.ssrc + 1) {
      this.#handleMedia(stream, unwrapRtx(packet, original) ?? packet, atUs);
    } else {
      const payload = packet.subarray(canonicalHeaderBytes);
      for (const found of stream.repair.handleFec(payload, readTimestamp(packet), atUs)) {
        this.#assemble(stream, found, atUs);
      }
    }
    this.#ask(stream, atUs);
  }

  #handleMedia(stream: Stream, packet: Uint8Array, atUs: number): void {
    const parts = {
      sequence: readSequence(packet),
      timestamp: readTimestamp(packet),
      marker: readMarker(packet),
      payload: packet.subarray(canonicalHeaderBytes),
    };
    const { sequence, timestamp, marker, payload } = parts;
    const found = stream.repair.handleMedia(sequence, timestamp, marker, payload, atUs);
    if (!stream.repair.wasDuplicate) this.#assemble(stream, parts, atUs);
    for (const one of found) this.#assemble(stream, one, atUs);
  }

  #assemble(stream: Stream, packet: RecoveredPacket, atUs: number): void {
    const { sequence, timestamp, marker, payload } = packet;
    const { assembler, repair } = stream;
    const pictures = assembler.handlePacket(sequence, timestamp, marker, payload, atUs);
    if (assembler.wasKeyFrameStart) repair.handleKeyFrameStart(sequence);
    for (const picture of pictures) {
      const ageUs = (((rtpTimestamp(atUs, 90_000) - picture.timestamp) | 0) * 1000) / 90;
      stream.shown.push({ atUs, captureTimeUs: atUs - ageUs, key: picture.key });
    }
  }

  #work(): void {
    const nowUs = machineClock.nowUs();
    const feedback = this.#arrivals.takeFeedback(nowUs, 1, 100);
    if (feedback) this.#sendBack(feedback, nowUs);
    const roundTripUs = this.path.state()?.roundTripUs;
    for (const stream of this.#streams.values()) {
      if (roundTripUs !== undefined) stream.repair.setRoundTripUs(roundTripUs);
      this.#ask(stream, nowUs);
    }
  }

  #ask(stream: Stream, nowUs: number): void {
    const { repair, assembler, sender } = stream;
    const due = repair.takeDue(nowUs);
    if (due.length > 0) this.#sendBack(buildNack(1, sender.ssrc, [...due]), nowUs);
    const isNeeded = repair.takeKeyFrameNeeded() || assembler.takeKeyFrameNeeded();
    if (!isNeeded || nowUs - stream.pliUs < pliGapUs) return;
    stream.pliUs = nowUs;
    this.#sendBack(buildPli(1, sender.ssrc), nowUs);
  }
}
