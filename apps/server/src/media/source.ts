import type { Encoding, MediaType } from '@longreach/protocol';
import {
  canonicalHeaderBytes,
  type ExtensionIds,
  FrameProtector,
  isCanonical,
  KeyFrameDetector,
  type NtpTime,
  type RecoveredPacket,
  readMarker,
  readPayloadType,
  readSequence,
  readTimestamp,
  readTransportSequence,
  SendHistory,
  toCanonical,
  unwrapRtx,
} from '@longreach/rtp';
import { FrameArrivals } from './frame-arrivals.ts';
import { ParityBlock } from './parity-block.ts';
import { ParityHeaders } from './parity-headers.ts';
import { RateMeter } from './rate-meter.ts';
import { SourceRepair } from './source-repair.ts';

/** How one publisher sends one track. */
export type SourceOptions = {
  streamId: number;
  mediaType: MediaType;
  /** Default main. */
  encoding?: Encoding;
  ssrc: number;
  payloadType: number;
  /** 0 = no retransmission stream. */
  rtxPayloadType: number;
  /** 0 = no parity. */
  fecPayloadType?: number;
  /** The publisher's header extension ids; only used for packets that are not in our layout. */
  extensionIds: ExtensionIds;
  /** Sends RTCP to the publisher. */
  sendRtcp: (packet: Uint8Array) => boolean;
  /** Hears of every packet that arrives with a transport-wide sequence. */
  onArrival?: (transportSequence: number, nowUs: number) => void;
};

/** What a source hands its packets to. `canStart`: a receiver can begin with this packet. */
export type PacketSink = {
  /** Whether `protect` would do anything; looked at every few milliseconds. */
  readonly wantsParity: boolean;
  forward(
    source: Source,
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    canStart: boolean,
    nowUs: number,
  ): void;
  /** All packets of a block were handed to `forward`. */
  protect(source: Source, block: ParityBlock, nowUs: number): void;
};

/** Bytes of RTP that came, by what they were for. */
export type ReceivedBytes = { media: number; parity: number; repeat: number };

let nextSourceId = 1;

/**
 * One track as one publisher sends it, over one connection after another: takes its packets in, repairs the leg, keeps
 * the history and hands each packet once to the slots that show it. A publisher that begins anew is a new source.
 */
export class Source {
  readonly id = nextSourceId++;
  readonly options: SourceOptions;
  readonly history: SendHistory;
  readonly received: ReceivedBytes = { media: 0, parity: 0, repeat: 0 };
  /** How long pictures take to come here; video only. */
  readonly arrivals: FrameArrivals | undefined;
  readonly #sinks: PacketSink[] = [];
  readonly #repair: SourceRepair | undefined;
  readonly #keyFrames = new KeyFrameDetector();
  readonly #parityHeaders = new ParityHeaders();
  readonly #rate = new RateMeter();
  /** While a viewer wants parity. */
  #protector: FrameProtector | undefined;
  packetsIn = 0;
  /** Packets of media that came by themselves, and pictures of which something came. */
  mediaPackets = 0;
  pictures = 0;
  #newestTimestamp: number | undefined;

  constructor(options: SourceOptions) {
    this.options = options;
    const video = options.mediaType === 'video';
    this.history = new SendHistory(video ? {} : { packets: 64, bytes: 64 * 1024 });
    this.arrivals = video ? new FrameArrivals() : undefined;
    this.#repair = video ? new SourceRepair(options.ssrc, options.sendRtcp) : undefined;
  }

  /** What arrives first of media, bit/s, over the last second or so. */
  get bitrateBps(): number {
    return this.#rate.bitrateBps;
  }

  get repairStats(): SourceRepair['stats'] | undefined {
    return this.#repair?.stats;
  }

  /** When `ask` should be called next, µs; undefined while nothing is missing. */
  get nextDeadlineUs(): number | undefined {
    return this.#repair?.nextDeadlineUs;
  }

  /** Takes one RTP packet of the publisher: media, repeat or parity. The bytes become the history's. */
  handleRtp(bytes: Buffer, nowUs: number): void {
    const packet = isCanonical(bytes) ? bytes : toCanonical(bytes, this.options.extensionIds);
    if (packet === undefined) return;
    this.packetsIn += 1;
    const { rtxPayloadType, fecPayloadType, onArrival } = this.options;
    if (onArrival) {
      const transportSequence = readTransportSequence(packet);
      if (transportSequence >= 0) onArrival(transportSequence, nowUs);
    }
    const payloadType = readPayloadType(packet);
    if (payloadType === rtxPayloadType && rtxPayloadType !== 0) {
      this.received.repeat += packet.length;
      const original = unwrapRtx(packet, this.options);
      if (original) this.#handleMedia(original, true, nowUs);
    } else if (payloadType === fecPayloadType && fecPayloadType !== 0) {
      this.received.parity += packet.length;
      this.#handleParity(packet, nowUs);
    } else {
      this.received.media += packet.length;
      this.mediaPackets += 1;
      this.#handleMedia(packet, false, nowUs);
    }
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

  /** Asks for lost packets that are due. */
  ask(nowUs: number): void {
    this.#repair?.ask(nowUs);
  }

  /** Sends the requests and reports that are due. */
  tick(nowUs: number): void {
    this.#repair?.tick(nowUs);
    this.#rate.update(this.received.media, nowUs);
    const isProtected = this.#sinks.some((sink) => sink.wantsParity);
    if (!isProtected) this.#protector = undefined;
    else this.#protector ??= new FrameProtector();
  }

  #handleMedia(packet: Uint8Array, isRepeated: boolean, nowUs: number): void {
    const sequence = readSequence(packet);
    const timestamp = readTimestamp(packet);
    const repair = this.#repair;
    if (repair === undefined) {
      this.#distribute(packet, sequence, timestamp, nowUs);
      return;
    }
    const recovered = repair.handleMedia(packet, sequence, timestamp, isRepeated, nowUs);
    if (!repair.wasDuplicate) this.#distribute(packet, sequence, timestamp, nowUs);
    if (recovered.length > 0) this.#distributeAll(recovered, nowUs);
    repair.ask(nowUs);
  }

  #handleParity(packet: Uint8Array, nowUs: number): void {
    if (this.#repair === undefined) return;
    this.#parityHeaders.remember(packet);
    const recovered = this.#repair.handleParity(packet, readTimestamp(packet), nowUs);
    if (recovered.length > 0) this.#distributeAll(recovered, nowUs);
    this.#repair.ask(nowUs);
  }

  #distributeAll(recovered: readonly RecoveredPacket[], nowUs: number): void {
    for (const one of recovered) {
      const packet = this.#parityHeaders.restore(one, this.options);
      if (packet) this.#distribute(packet, one.sequence, one.timestamp, nowUs);
    }
  }

  /** One that begins later than the newest; what is recovered of older ones is counted already, or lost as a whole. */
  #countPicture(timestamp: number): void {
    const newest = this.#newestTimestamp;
    if (newest !== undefined && ((timestamp - newest) | 0) <= 0) return;
    this.#newestTimestamp = timestamp;
    this.pictures += 1;
  }

  #distribute(packet: Uint8Array, sequence: number, timestamp: number, nowUs: number): void {
    const isVideo = this.#repair !== undefined;
    this.#countPicture(timestamp);
    const canStart = !isVideo || this.#keyFrames.detect(packet, canonicalHeaderBytes);
    if (isVideo && canStart) this.#repair?.handleKeyFrameStart(sequence);
    this.history.insert(sequence, timestamp, packet, nowUs);
    this.arrivals?.handlePacket(timestamp, readMarker(packet), nowUs);
    // A slot that switches leaves another source's list, never this one: the index stays right.
    for (let i = 0; i < this.#sinks.length; i++) {
      (this.#sinks[i] as PacketSink).forward(this, packet, sequence, timestamp, canStart, nowUs);
    }
    if (this.#protector) this.#protect(this.#protector, packet, sequence, timestamp, nowUs);
  }

  #protect(
    protector: FrameProtector,
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    nowUs: number,
  ): void {
    const payload = packet.subarray(canonicalHeaderBytes);
    for (const sources of protector.handlePacket(
      sequence,
      timestamp,
      readMarker(packet),
      payload,
    )) {
      // What completes may be an older frame than the packet's own.
      const first = sources[0]?.sequence ?? sequence;
      const block = new ParityBlock(sources, this.history.timestampOf(first));
      for (const sink of this.#sinks) sink.protect(this, block, nowUs);
    }
  }
}
