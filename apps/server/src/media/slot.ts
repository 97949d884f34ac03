import { randomInt } from 'node:crypto';
import { TokenBucket } from '@longreach/kit';
import type { MediaType } from '@longreach/protocol';
import {
  opusClockRate,
  type RtcpPacket,
  StreamRewriter,
  sequenceDistance,
  videoClockRate,
} from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import type { ParityBlock } from './parity-block.ts';
import { RepeatTimes } from './repeat-times.ts';
import type { SendLeg, SendPurpose } from './send-leg.ts';
import type { SlotOutlet } from './slot-outlet.ts';
import type { PacketSink, Source } from './source.ts';

/** Called when a slot begins to show another source. */
export type SlotSwitched = (slot: Slot, source: Source, timestampOffset: number) => void;

export type SlotOptions = {
  mediaType: MediaType;
  mid: string;
  outlet: SlotOutlet;
  leg: SendLeg;
  onSwitched: SlotSwitched;
};

/** Packets that one request of a viewer may ask for; the rest is asked for again. */
const maxRepeatsPerRequest = 64;
/** Packets that one probe is made of at most. */
const maxProbePackets = 32;
/** Repeats of one slot, copies included: enough for half of 20 Mbit/s, too few to be used against others. */
const repeatsPerSecond = 3_000;
const repeatBurst = 750;
/** A block of which any loss at all asks for parity. */
const largeBlock = 32;
/** Packets of a key frame that may have come before its first one. */
const mostEarlyPackets = 200;
/** Packets after which a block of the shown source cannot be one of before the switch any more. */
const switchReach = 4_096;

/** What one receiver sees in one place: numbers what its sources send as one stream, and repeats what got lost. */
export class Slot implements PacketSink {
  readonly mediaType: MediaType;
  readonly mid: string;
  packetsOut = 0;
  packetsRepeated = 0;
  readonly #options: SlotOptions;
  readonly #outlet: SlotOutlet;
  readonly #rewriter: StreamRewriter;
  readonly #repeats = new TokenBucket({ perSecond: repeatsPerSecond, capacity: repeatBurst });
  readonly #repeatTimes = new RepeatTimes();
  #open = false;
  /** What to show once packets can be sent: a key frame before that would be lost. */
  #wanted: Source | undefined;
  /** Sources by id that `lookup` may name: the present one, the awaited one, the one before. */
  #sources: Source[] = [];
  /** Of the shown source: where it began, and what its numbers are shifted by. */
  #shownFrom = 0;
  #sequenceOffset = 0;
  #packetsShown = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#outlet = options.outlet;
    this.mediaType = options.mediaType;
    this.mid = options.mid;
    const isVideo = options.mediaType === 'video';
    this.#rewriter = new StreamRewriter({
      clockRate: isVideo ? videoClockRate : opusClockRate,
      firstSequence: randomInt(0x10000),
      startsOnKeyFrame: isVideo,
    });
    this.#outlet.onOpen(() => {
      this.#open = true;
      if (this.#wanted) this.show(this.#wanted, monotonicClock.nowUs());
    });
  }

  /** The source whose packets are sent now. */
  get shownSource(): Source | undefined {
    const active = this.#rewriter.activeSource;
    return this.#sources.find((source) => source.id === active);
  }

  /** Whether the parity of blocks would be sent. */
  get wantsParity(): boolean {
    return this.mediaType === 'video' && this.#options.leg.parityFor(largeBlock) > 0;
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
    if (outcome === 'switched') this.#handleSwitch(source, sequence);
    this.#send(packet, nowUs);
    if (outcome !== 'switched' || this.mediaType !== 'video') return;
    this.#sendEarly(source, sequence, nowUs);
  }

  /** Sends parity over packets of the shown source. */
  protect(source: Source, block: ParityBlock, nowUs: number): void {
    const rewriter = this.#rewriter;
    if (source.id !== rewriter.activeSource) return;
    const first = block.firstSequence;
    // What came before the switch was not sent: its numbers stand for packets of another source here.
    const isBefore = sequenceDistance(this.#shownFrom, first) < 0;
    if (isBefore && this.#packetsShown < switchReach) return;
    const timestamp = (block.timestamp + rewriter.timestampOffset) >>> 0;
    this.#outlet.protect(block, (first + this.#sequenceOffset) & 0xffff, timestamp, nowUs);
  }

  /** Asks again for the key frame that a switch waits for; the source joins such wishes. */
  tick(nowUs: number): void {
    const waiting = this.#rewriter.waitingSource;
    if (waiting === undefined) return;
    this.#sources.find((source) => source.id === waiting)?.requestKeyFrame(nowUs);
  }

  /** Acts on the receiver's feedback about this slot. */
  handleRtcp(packet: RtcpPacket, nowUs: number): void {
    const { ssrc } = this.#outlet;
    if (packet.type === 'nack' && packet.mediaSsrc === ssrc) {
      this.#repeatAll(packet.sequences, nowUs);
      return;
    }
    const asksKeyFrame =
      (packet.type === 'pli' && packet.mediaSsrc === ssrc) ||
      (packet.type === 'fir' && packet.entries.some((entry) => entry.ssrc === ssrc));
    if (asksKeyFrame) this.#sources.at(-1)?.requestKeyFrame(nowUs);
  }

  /** Sends its newest packets once more, about so many bytes of them; gives the bytes that were sent. */
  probe(bytes: number, nowUs: number): number {
    const newest = this.#rewriter.sequence;
    let sent = 0;
    for (let back = 0; sent < bytes && back < maxProbePackets; back++) {
      sent += this.#repeat((newest - back) & 0xffff, 'probe', nowUs);
    }
    return sent;
  }

  /** Once a second. */
  report(nowUs: number, wallTimeUs: number): void {
    this.#outlet.report(nowUs, wallTimeUs);
  }

  #handleSwitch(source: Source, sequence: number): void {
    for (const known of this.#sources) if (known !== source) known.removeSink(this);
    this.#shownFrom = sequence;
    this.#sequenceOffset = this.#rewriter.sequence - sequence;
    this.#packetsShown = 0;
    this.#options.onSwitched(this, source, this.#rewriter.timestampOffset);
  }

  /** The first packet of a key frame may come last: what came before it is sent after it. */
  #sendEarly(source: Source, first: number, nowUs: number): void {
    const { history } = source;
    for (let ahead = 1; ahead <= mostEarlyPackets; ahead++) {
      const sequence = (first + ahead) & 0xffff;
      const packet = history.get(sequence, nowUs);
      if (!packet) continue;
      const timestamp = history.timestampOf(sequence);
      const outcome = this.#rewriter.rewrite(source.id, sequence, timestamp, false, nowUs);
      if (outcome === 'forwarded') this.#send(packet, nowUs);
    }
  }

  /** As the rewriter numbered it. */
  #send(packet: Uint8Array, nowUs: number): void {
    const { sequence, timestamp } = this.#rewriter;
    if (!this.#outlet.send(packet, sequence, timestamp, nowUs)) return;
    this.packetsOut += 1;
    this.#packetsShown += 1;
  }

  /** Copies of one packet stand apart: what swallows one packet often swallows its neighbour. */
  #repeatAll(sequences: readonly number[], nowUs: number): void {
    const { copies, repeatGapUs } = this.#options.leg;
    const due = sequences
      .slice(0, maxRepeatsPerRequest)
      .filter((sequence) => this.#repeatTimes.isDue(sequence, repeatGapUs, nowUs));
    for (let copy = 0; copy < copies; copy++) {
      for (const sequence of due) {
        if (this.#repeat(sequence, 'repeat', nowUs) === 0) continue;
        this.#repeatTimes.note(sequence, nowUs);
        this.packetsRepeated += 1;
      }
    }
  }

  /** Gives the bytes that were sent. */
  #repeat(lostSequence: number, purpose: SendPurpose, nowUs: number): number {
    if (!this.#rewriter.lookup(lostSequence)) return 0;
    const { foundSource, foundSequence, foundTimestampOffset } = this.#rewriter;
    const history = this.#sources.find((source) => source.id === foundSource)?.history;
    const packet = history?.get(foundSequence, nowUs);
    if (!history || !packet || !this.#repeats.take(1, nowUs)) return 0;
    if (purpose === 'repeat' && !this.#options.leg.takeRepeat(packet.length, nowUs)) return 0;
    const timestamp = (history.timestampOf(foundSequence) + foundTimestampOffset) >>> 0;
    return this.#outlet.repeat(packet, lostSequence, timestamp, purpose, nowUs) ? packet.length : 0;
  }
}
