import type { MediaType } from '@longreach/protocol';
import {
  canonicalHeaderBytes,
  type ExtensionIds,
  isCanonical,
  KeyFrameDetector,
  type NtpTime,
  readPayloadType,
  readSequence,
  readTimestamp,
  SendHistory,
  toCanonical,
  unwrapRtx,
} from '@longreach/rtp';
import { SourceRepair } from './source-repair.ts';

/** How one publisher sends one track. */
export type SourceOptions = {
  streamId: number;
  mediaType: MediaType;
  ssrc: number;
  payloadType: number;
  /** 0 = no retransmission stream. */
  rtxPayloadType: number;
  /** The publisher's header extension ids; only used for packets that are not in our layout. */
  extensionIds: ExtensionIds;
  /** Sends RTCP to the publisher. */
  sendRtcp: (packet: Uint8Array) => boolean;
};

/** What a source hands its packets to. `canStart`: a receiver can begin with this packet. */
export type PacketSink = {
  forward(
    source: Source,
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    canStart: boolean,
    nowUs: number,
  ): void;
};

let nextSourceId = 1;

/**
 * One track as one publisher's connection sends it: takes its packets in, repairs the leg, keeps the history and
 * hands each packet to the slots that show it. A publisher that comes back is a new source.
 */
export class Source {
  readonly id = nextSourceId++;
  readonly options: SourceOptions;
  readonly history: SendHistory;
  readonly #sinks: PacketSink[] = [];
  readonly #repair: SourceRepair | undefined;
  readonly #keyFrames = new KeyFrameDetector();
  packetsIn = 0;

  constructor(options: SourceOptions) {
    this.options = options;
    const video = options.mediaType === 'video';
    this.history = new SendHistory(video ? {} : { packets: 64, bytes: 64 * 1024 });
    this.#repair = video ? new SourceRepair(options.ssrc, options.sendRtcp) : undefined;
  }

  /** Takes one RTP packet of the publisher, primary or repeat. The bytes become the history's. */
  handleRtp(bytes: Buffer, nowUs: number): void {
    const packet = isCanonical(bytes) ? bytes : toCanonical(bytes, this.options.extensionIds);
    if (packet === undefined) return;
    this.packetsIn += 1;
    const { rtxPayloadType } = this.options;
    if (rtxPayloadType === 0 || readPayloadType(packet) !== rtxPayloadType) {
      this.#distribute(packet, nowUs, false);
      return;
    }
    const original = unwrapRtx(packet, this.options);
    if (original) this.#distribute(original, nowUs, true);
  }

  /** Takes the publisher's sender report: its time is echoed in our receiver reports. */
  handleSenderReport(ntp: NtpTime, nowUs: number): void {
    this.#repair?.handleSenderReport(ntp, nowUs);
  }

  /** Paces repairs by the round trip of the publisher's leg, µs. */
  setRoundTripUs(roundTripUs: number): void {
    this.#repair?.setRoundTripUs(roundTripUs);
  }

  addSink(sink: PacketSink): void {
    if (!this.#sinks.includes(sink)) this.#sinks.push(sink);
  }

  removeSink(sink: PacketSink): void {
    const at = this.#sinks.indexOf(sink);
    if (at >= 0) this.#sinks.splice(at, 1);
  }

  /** A viewer needs a key frame; requests of many viewers go out as one. */
  requestKeyFrame(nowUs: number): void {
    this.#repair?.requestKeyFrame(nowUs);
  }

  /** Sends the requests and reports that are due. */
  tick(nowUs: number): void {
    this.#repair?.tick(nowUs);
  }

  #distribute(packet: Uint8Array, nowUs: number, repeated: boolean): void {
    const sequence = readSequence(packet);
    const timestamp = readTimestamp(packet);
    const canStart =
      this.#repair === undefined || this.#keyFrames.detect(packet, canonicalHeaderBytes);
    this.#repair?.handlePacket(sequence, timestamp, nowUs, canStart, repeated);
    this.history.insert(sequence, timestamp, packet, nowUs);
    // A slot that switches leaves another source's list, never this one: the index stays right.
    for (let i = 0; i < this.#sinks.length; i++) {
      (this.#sinks[i] as PacketSink).forward(this, packet, sequence, timestamp, canStart, nowUs);
    }
  }
}
