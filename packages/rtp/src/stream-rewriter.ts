import { type RewriteSegment, SegmentRecord } from './rewrite-segments.ts';
import { timestampDistance, unwrapSequence } from './sequence-number.ts';

/** What happened to a packet: not for this viewer, to be sent, or to be sent as the first of a new source. */
export type RewriteOutcome = 'dropped' | 'forwarded' | 'switched';

/** How a slot begins and which media it carries. */
export type StreamRewriterOptions = {
  /** RTP clock rate of the medium, Hz. */
  clockRate: number;
  /** First outgoing sequence number, 0 to 65,535. */
  firstSequence: number;
  /** Whether a source may only begin on a key frame. True for video, false for audio. */
  startsOnKeyFrame: boolean;
};

/** How far a new source's timestamp may be off the expected continuation and still count as the same clock base. */
const sharedBaseToleranceS = 5;
/** A key frame start this far behind the newest packet of a waiting source is a late repeat, no place to begin. */
const staleKeyFramePackets = 200;

/**
 * One viewer's slot: numbers the packets of changing sources as one outgoing stream (SPEC W1–W10).
 * `rewrite` leaves its result in `sequence` and `timestamp`, `lookup` in `foundX`, so that no call allocates.
 */
export class StreamRewriter {
  /** Outgoing sequence and timestamp of the packet that `rewrite` last let pass. */
  sequence = 0;
  timestamp = 0;
  /** Source, its sequence and the timestamp offset of the packet that `lookup` last found. */
  foundSource = 0;
  foundSequence = 0;
  foundTimestampOffset = 0;

  readonly #clockRate: number;
  readonly #startsOnKeyFrame: boolean;
  readonly #past = new SegmentRecord();
  #active: RewriteSegment | undefined;
  #wanted: number | undefined;
  /** Newest sequence seen of the wanted source while it waits for its key frame; −1 = none. */
  #waitingNewest = -1;
  #newestOut: number;
  #timestampOffset = 0;
  #lastTimestamp = 0;
  #lastForwardedUs = 0;
  #started = false;

  constructor(options: StreamRewriterOptions) {
    this.#clockRate = options.clockRate;
    this.#startsOnKeyFrame = options.startsOnKeyFrame;
    this.#newestOut = (options.firstSequence & 0xffff) + 65_535;
  }

  /** The source whose packets are sent now. */
  get activeSource(): number | undefined {
    return this.#active?.source;
  }

  /** The wanted source while its key frame is awaited: ask it for one. */
  get waitingSource(): number | undefined {
    return this.#wanted === this.#active?.source ? undefined : this.#wanted;
  }

  /** Outgoing minus source timestamp of the active source, mod 2³², as a signed number; 0 = untouched. */
  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /** Shows another source from its next start on; until then the present one continues. Undefined: nothing, at once. */
  switchTo(source: number | undefined): void {
    this.#wanted = source;
    this.#waitingNewest = -1;
    if (source === undefined) this.#endActive();
  }

  /** Decides about one packet of one source; `canStart` = a key frame begins in it. Does not allocate but on a switch. */
  rewrite(
    source: number,
    sequence: number,
    timestamp: number,
    canStart: boolean,
    nowUs: number,
  ): RewriteOutcome {
    const active = this.#active;
    if (active !== undefined && source === active.source) {
      return this.#continue(active, sequence, timestamp, nowUs);
    }
    if (source === this.#wanted && this.#isStart(source, sequence, canStart, nowUs)) {
      this.#begin(source, sequence, timestamp, nowUs);
      return 'switched';
    }
    return this.#forwardPast(source, sequence, timestamp, nowUs);
  }

  /** Finds what was sent as `outSequence`; false when it never was, or too long ago. Does not allocate. */
  lookup(outSequence: number): boolean {
    const out = unwrapSequence(this.#newestOut, outSequence);
    if (out > this.#newestOut) return false;
    const active = this.#active;
    const holder = active && out >= active.firstOut ? active : this.#past.withOut(out);
    if (holder === undefined) return false;
    this.foundSource = holder.source;
    this.foundSequence = (out - holder.sequenceOffset) & 0xffff;
    this.foundTimestampOffset = holder.timestampOffset;
    return true;
  }

  #continue(
    active: RewriteSegment,
    sequence: number,
    timestamp: number,
    nowUs: number,
  ): RewriteOutcome {
    const out =
      unwrapSequence(active.lastOut - active.sequenceOffset, sequence) + active.sequenceOffset;
    if (out < active.firstOut) {
      return this.#forwardPast(active.source, sequence, timestamp, nowUs);
    }
    this.sequence = out & 0xffff;
    this.timestamp = (timestamp + active.timestampOffset) >>> 0;
    if (out > active.lastOut) {
      active.lastOut = out;
      active.lastUs = nowUs;
      this.#newestOut = out;
      this.#lastTimestamp = this.timestamp;
      this.#lastForwardedUs = nowUs;
    }
    return 'forwarded';
  }

  /** A late packet of a source shown before still fills the gap that it left; anything else is dropped. */
  #forwardPast(source: number, sequence: number, timestamp: number, nowUs: number): RewriteOutcome {
    const segment = this.#past.withSource(source, sequence, this.#newestOut, nowUs);
    if (segment === undefined) return 'dropped';
    const out =
      unwrapSequence(segment.lastOut - segment.sequenceOffset, sequence) + segment.sequenceOffset;
    this.sequence = out & 0xffff;
    this.timestamp = (timestamp + segment.timestampOffset) >>> 0;
    return 'forwarded';
  }

  #isStart(source: number, sequence: number, canStart: boolean, nowUs: number): boolean {
    const newest = this.#waitingNewest;
    const ahead = newest < 0 ? 0 : unwrapSequence(newest, sequence) - newest;
    if (newest < 0 || ahead > 0) this.#waitingNewest = sequence;
    if (this.#startsOnKeyFrame && (!canStart || ahead <= -staleKeyFramePackets)) return false;
    // A late repeat from when this source was shown before belongs there and begins nothing.
    return this.#past.withSource(source, sequence, this.#newestOut, nowUs) === undefined;
  }

  #begin(source: number, sequence: number, timestamp: number, nowUs: number): void {
    this.#endActive();
    this.#timestampOffset = this.#offsetFor(timestamp, nowUs);
    const out = this.#newestOut + 1;
    this.#active = {
      source,
      sequenceOffset: out - sequence,
      timestampOffset: this.#timestampOffset,
      firstOut: out,
      lastOut: out,
      lastUs: nowUs,
    };
    this.#newestOut = out;
    this.sequence = out & 0xffff;
    this.timestamp = (timestamp + this.#timestampOffset) >>> 0;
    this.#lastTimestamp = this.timestamp;
    this.#lastForwardedUs = nowUs;
    this.#started = true;
  }

  #endActive(): void {
    if (this.#active !== undefined) this.#past.add(this.#active);
    this.#active = undefined;
  }

  /**
   * 0, else the present offset, when that puts the timestamp near the expected continuation; else one that continues.
   * Always later than the last one sent, by one tick at least: receivers join equal timestamps to one picture
   * and throw away older ones.
   */
  #offsetFor(timestamp: number, nowUs: number): number {
    if (!this.#started) return 0;
    const elapsed = Math.floor(((nowUs - this.#lastForwardedUs) * this.#clockRate) / 1_000_000);
    const expected = (this.#lastTimestamp + Math.max(1, elapsed)) >>> 0;
    let offset = timestampDistance(timestamp, expected);
    for (const candidate of [0, this.#timestampOffset]) {
      const off = timestampDistance(expected, timestamp + candidate);
      if (Math.abs(off) > sharedBaseToleranceS * this.#clockRate) continue;
      offset = candidate;
      break;
    }
    const step = timestampDistance(this.#lastTimestamp, timestamp + offset);
    return step > 0 ? offset : (offset + 1 - step) | 0;
  }
}
