import { randomInt } from 'node:crypto';
import type { MediaType } from '@longreach/protocol';
import {
  buildSenderReport,
  createLeg,
  type Leg,
  ntpFromUs,
  opusClockRate,
  type RtcpPacket,
  rewriteForLeg,
  StreamRewriter,
  type TransportSequence,
  videoClockRate,
  wrapRtx,
} from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import { monotonicClock } from '../monotonic-clock.ts';
import type { NegotiatedMedia, SendSsrcs } from './answer-lines.ts';
import type { PacketSink, Source } from './source.ts';

/** Called when a slot begins to show another source. */
export type SlotSwitched = (slot: Slot, source: Source, timestampOffset: number) => void;

export type SlotOptions = {
  mediaType: MediaType;
  track: MediaTrack;
  negotiated: NegotiatedMedia;
  ssrcs: SendSsrcs;
  transportSequence: TransportSequence;
  onSwitched: SlotSwitched;
};

/** Repeats that one viewer may ask of one slot within one tick's worth of requests. */
const maxRepeatsPerRequest = 64;

/** One m-line towards one receiver: numbers what its sources send as one stream, and repeats what got lost. */
export class Slot implements PacketSink {
  readonly mediaType: MediaType;
  readonly mid: string;
  readonly ssrc: number;
  packetsOut = 0;
  packetsRepeated = 0;
  readonly #options: SlotOptions;
  readonly #rewriter: StreamRewriter;
  readonly #leg: Leg;
  readonly #rtxLeg: Leg | undefined;
  readonly #clockRate: number;
  #rtxSequence = randomInt(0x10000);
  #open = false;
  /** What to show once packets can be sent: a key frame before that would be lost. */
  #wanted: Source | undefined;
  /** Sources by id that `lookup` may name: the present one, the awaited one, the one before. */
  #sources: Source[] = [];
  #payloadBytes = 0;
  #lastTimestamp = 0;
  #lastSentUs = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.mediaType = options.mediaType;
    this.mid = options.negotiated.mid;
    this.ssrc = options.ssrcs.primary;
    this.#clockRate = options.mediaType === 'video' ? videoClockRate : opusClockRate;
    this.#rewriter = new StreamRewriter({
      clockRate: this.#clockRate,
      firstSequence: randomInt(0x10000),
      startsOnKeyFrame: options.mediaType === 'video',
    });
    const { payloadType, rtxPayloadType, mid, extensions } = options.negotiated;
    const extensionIds = {
      mid: extensions.mid,
      transportSequence: extensions.transportSequence,
      playoutDelay: extensions.playoutDelay,
      absCaptureTime: extensions.absoluteCaptureTime,
    };
    this.#leg = createLeg({ payloadType, ssrc: options.ssrcs.primary, mid, extensionIds });
    if (rtxPayloadType !== 0 && options.ssrcs.rtx !== undefined) {
      const rtx = { payloadType: rtxPayloadType, ssrc: options.ssrcs.rtx };
      this.#rtxLeg = createLeg({ ...rtx, mid, extensionIds });
    }
    options.track.onOpen(() => {
      this.#open = true;
      if (this.#wanted) this.show(this.#wanted, monotonicClock.nowUs());
    });
  }

  /** The source whose packets are sent now. */
  get shownSource(): Source | undefined {
    const active = this.#rewriter.activeSource;
    return this.#sources.find((source) => source.id === active);
  }

  /** Shows another source from its next key frame on; the present picture goes on until then. */
  show(source: Source | undefined, nowUs: number): void {
    this.#wanted = source;
    if (!this.#open) return;
    for (const known of this.#sources) {
      if (known.id !== this.#rewriter.activeSource) known.removeSink(this);
    }
    if (source === undefined) {
      for (const known of this.#sources) known.removeSink(this);
    } else {
      this.#sources = [...this.#sources.filter((known) => known !== source).slice(-2), source];
      source.addSink(this);
    }
    this.#rewriter.switchTo(source?.id);
    source?.requestKeyFrame(nowUs);
  }

  /** Sends one packet of a source on, unless it is not (yet) this slot's to show. Runs for every packet. */
  forward(
    source: Source,
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    canStart: boolean,
    nowUs: number,
  ): void {
    const rewriter = this.#rewriter;
    const outcome = rewriter.rewrite(source.id, sequence, timestamp, canStart, nowUs);
    if (outcome === 'dropped') return;
    if (outcome === 'switched') this.#handleSwitch(source);
    const transportSequence = this.#options.transportSequence.take();
    rewriteForLeg(packet, this.#leg, rewriter.sequence, rewriter.timestamp, transportSequence);
    if (!this.#options.track.send(packet)) return;
    this.packetsOut += 1;
    this.#payloadBytes += packet.length;
    this.#lastTimestamp = rewriter.timestamp;
    this.#lastSentUs = nowUs;
  }

  /** Asks again for the key frame that a switch waits for; the source joins such wishes. */
  tick(nowUs: number): void {
    const waiting = this.#rewriter.waitingSource;
    if (waiting === undefined) return;
    this.#sources.find((source) => source.id === waiting)?.requestKeyFrame(nowUs);
  }

  /** Acts on the receiver's feedback about this slot. */
  handleRtcp(packet: RtcpPacket, nowUs: number): void {
    if (packet.type === 'nack' && packet.mediaSsrc === this.ssrc) {
      for (const lost of packet.sequences.slice(0, maxRepeatsPerRequest)) this.#repeat(lost, nowUs);
      return;
    }
    const asksKeyFrame =
      (packet.type === 'pli' && packet.mediaSsrc === this.ssrc) ||
      (packet.type === 'fir' && packet.entries.some((entry) => entry.ssrc === this.ssrc));
    if (asksKeyFrame) this.#sources.at(-1)?.requestKeyFrame(nowUs);
  }

  /** Sends a sender report (RFC 3550 section 6.4.1) once something was sent. */
  report(nowUs: number, wallTimeUs: number): void {
    if (this.packetsOut === 0) return;
    const elapsedTicks = Math.round(((nowUs - this.#lastSentUs) * this.#clockRate) / 1_000_000);
    this.#options.track.send(
      buildSenderReport(this.ssrc, {
        ntp: ntpFromUs(wallTimeUs),
        rtpTimestamp: (this.#lastTimestamp + elapsedTicks) >>> 0,
        packets: this.packetsOut,
        payloadBytes: this.#payloadBytes,
      }),
    );
  }

  #handleSwitch(source: Source): void {
    for (const known of this.#sources) if (known !== source) known.removeSink(this);
    this.#options.onSwitched(this, source, this.#rewriter.timestampOffset);
  }

  #repeat(lostSequence: number, nowUs: number): void {
    if (!this.#rewriter.lookup(lostSequence)) return;
    const { foundSource, foundSequence, foundTimestampOffset } = this.#rewriter;
    const history = this.#sources.find((source) => source.id === foundSource)?.history;
    const packet = history?.get(foundSequence, nowUs);
    if (!history || !packet) return;
    const timestamp = (history.timestampOf(foundSequence) + foundTimestampOffset) >>> 0;
    const transportSequence = this.#options.transportSequence.take();
    this.packetsRepeated += 1;
    if (!this.#rtxLeg) {
      rewriteForLeg(packet, this.#leg, lostSequence, timestamp, transportSequence);
      this.#options.track.send(packet);
      return;
    }
    const repeat = wrapRtx(packet, lostSequence);
    rewriteForLeg(repeat, this.#rtxLeg, this.#rtxSequence, timestamp, transportSequence);
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    this.#options.track.send(repeat);
  }
}
