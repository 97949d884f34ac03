import { unwrapSequence } from './sequence-number.ts';

/** A stretch of the outgoing stream that came from one source. Outgoing sequences are extended (never wrap). */
export type RewriteSegment = {
  source: number;
  /** Extended outgoing minus source sequence; only its value mod 2¹⁶ has a meaning for the source. */
  sequenceOffset: number;
  timestampOffset: number;
  firstOut: number;
  lastOut: number;
  /** When its newest packet was sent, µs. */
  lastUs: number;
};

/** Past stretches that are kept; older ones can no longer be asked for. */
const maxSegments = 16;
/** Beyond half the circle a 16-bit sequence no longer says which packet it means. */
const maxReach = 32_768;
/** Time after which a packet of a past segment counts as a new one: its sequence numbers may have come round. */
const maxLateUs = 2_000_000;

/** The newest past segments of one slot, oldest first. */
export class SegmentRecord {
  readonly #segments: RewriteSegment[] = [];

  /** Adds the segment that just ended; the oldest leaves when there are 16. */
  add(segment: RewriteSegment): void {
    if (this.#segments.length === maxSegments) this.#segments.shift();
    this.#segments.push(segment);
  }

  /** The segment that holds an extended outgoing sequence. */
  withOut(out: number): RewriteSegment | undefined {
    for (let index = this.#segments.length - 1; index >= 0; index--) {
      const segment = this.#segments[index] as RewriteSegment;
      if (out > segment.lastOut) return undefined;
      if (out >= segment.firstOut) return segment;
    }
    return undefined;
  }

  /** The newest segment of `source` inside whose range a source sequence falls, while a late packet of it may still come. */
  withSource(
    source: number,
    sequence: number,
    newestOut: number,
    nowUs: number,
  ): RewriteSegment | undefined {
    for (let index = this.#segments.length - 1; index >= 0; index--) {
      const segment = this.#segments[index] as RewriteSegment;
      if (newestOut - segment.lastOut >= maxReach) return undefined;
      if (nowUs - segment.lastUs > maxLateUs) return undefined;
      if (segment.source !== source) continue;
      const offset = segment.sequenceOffset;
      const out = unwrapSequence(segment.lastOut - offset, sequence) + offset;
      const inside = out >= segment.firstOut && out <= segment.lastOut;
      if (inside && newestOut - out < maxReach) return segment;
    }
    return undefined;
  }
}
