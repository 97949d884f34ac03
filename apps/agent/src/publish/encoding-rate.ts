import type { Encoding } from '@longreach/protocol';
import { EncoderLadder } from '@longreach/rtp';
import { type HoldLimits, PictureHold } from './picture-hold.ts';
import { SceneDemand } from './scene-demand.ts';

/** What a stream is configured to take. */
export type StreamEncoding = {
  streamId: number;
  width: number;
  height: number;
  fps: number;
  bitrateBps: number;
  /** Least rate worth sending; below it the server is told. */
  minBitrateBps: number;
  /** Whether the machine encodes it; what is forwarded as it came cannot follow. */
  isAdaptive: boolean;
};

/** The most that a stream may take: as configured, or as somebody asked for. */
export type StreamCap = { bitrateBps: number; fps: number };

/** What an encoder shall do. */
export type EncodeOrder = {
  streamId: number;
  encoding: Encoding;
  bitrateBps: number;
  fps: number;
  /** Size of the picture, share of the stream's in each direction. */
  scale: number;
  /** Of so many pictures one is encoded; 0 = none. */
  keepOneIn: number;
};

/** A stream gets less than its minimum, or enough again. */
export type RateNotice = { streamId: number; state: 'ok' | 'belowMinimum'; bitrateBps: number };

/** What an encoding is told now; what is forwarded as it came is told nothing. */
export type EncodingState = {
  belowMinimum: boolean;
  targetBitrateBps?: number;
  targetFps?: number;
};

/** What one encoding is left, and what its packets meet on the way. */
export type EncodingShare = {
  bitrateBps: number;
  /** What the encoder really makes, bit/s; undefined = unknown. */
  usedBps: number | undefined;
  /** It goes on longest when pictures must be left out. */
  isMainStream: boolean;
  isStarved: boolean;
  isLate: boolean;
  /** Packets wait until something is heard of those before them. */
  isHeld: boolean;
  backlogUs: number;
  queueDelayUs: number;
};

/** The small encoding: half the size in each direction, this share of the stream's rate, within these bounds. */
const small = {
  scale: 0.5,
  share: 0.2,
  leastBps: 150_000,
  mostBps: { least: 300_000, most: 500_000 },
  fps: 30,
};
/** A change below this share is not worth an order. */
const leastChange = 0.03;
/** Between two orders for more, µs. */
const riseUs = 200_000;
/** A backlog at which pictures are left out. */
const holdLimits: Record<'mainStream' | 'other', HoldLimits> = {
  mainStream: { thinUs: 100_000, stopUs: 180_000 },
  other: { thinUs: 70_000, stopUs: 110_000 },
};
/** While nothing is heard some pictures still go out, so that the first that gets through shows that the link is back. */
const unheardKeepOneIn = 3;
const lateKeepOneIn = 2;
/** When answers become late, pictures get this share of the rate until then: a queue may be growing that nothing has measured yet. */
const lateShare = 0.25;
/** Not during an outage, nor this long after it: the key frame that everything waits for must show something, µs. */
const returnUs = 200_000;
/** So long after its start a stream keeps size and frame rate: what the network carries is still being found out, µs. */
const startUs = 2_500_000;
/** A rate below the minimum is told after this time, one above after that, µs. */
const belowUs = 1_500_000;
const okUs = 2_000_000;
const okMargin = 1.1;

/** What one running encoding is told, and what is told of it (pure: time is given, µs). */
export class EncodingRate {
  readonly stream: StreamEncoding;
  readonly encoding: Encoding;
  readonly #hold = new PictureHold();
  readonly #scene = new SceneDemand();
  #cap: StreamCap;
  #ladder: EncoderLadder;
  #ordered: EncodeOrder | undefined;
  #orderedUs = Number.NEGATIVE_INFINITY;
  #startedUs: number | undefined;
  /** While answers are late: the rate before. */
  #beforeLateBps: number | undefined;
  #starvedUs = Number.NEGATIVE_INFINITY;
  #told: RateNotice['state'] = 'ok';
  /** Since when the rate says otherwise than what was told. */
  #otherwiseSinceUs: number | undefined;

  constructor(stream: StreamEncoding, encoding: Encoding, cap: StreamCap) {
    this.stream = stream;
    this.encoding = encoding;
    this.#cap = capOf(encoding, cap);
    this.#ladder = this.#createLadder();
  }

  /** Most that it may take, bit/s. */
  get maxBps(): number {
    return this.#cap.bitrateBps;
  }

  /** Least that it is ever told, bit/s. */
  get minBps(): number {
    const { isAdaptive, minBitrateBps } = this.stream;
    if (!isAdaptive) return this.maxBps;
    return Math.min(this.maxBps, this.encoding === 'main' ? minBitrateBps : small.leastBps);
  }

  /** What it is told now, and whether the network leaves less than its minimum. */
  get state(): EncodingState {
    const belowMinimum = this.#told === 'belowMinimum';
    const ordered = this.#ordered;
    if (!ordered) return { belowMinimum };
    return { belowMinimum, targetBitrateBps: ordered.bitrateBps, targetFps: ordered.fps };
  }

  /** Changes the most that it may take, with the next order. */
  setCap(cap: StreamCap): void {
    this.#cap = capOf(this.encoding, cap);
    this.#ladder = this.#createLadder();
    this.#orderedUs = Number.NEGATIVE_INFINITY;
  }

  /** The order that follows from its share, if it is worth one. */
  order(share: EncodingShare, nowUs: number): EncodeOrder | undefined {
    if (!this.stream.isAdaptive) return undefined;
    // Less than the minimum would be of no use to anybody; pictures are left out instead (`keepOneIn`).
    const fullBps = Math.min(this.maxBps, Math.max(share.bitrateBps, this.minBps));
    this.#measureScene(share, nowUs);
    const { fps, scale } = this.#pictureFor(fullBps, nowUs);
    const bitrateBps = Math.min(fullBps, this.#lateLimitBps(share, fullBps, nowUs));
    const order: EncodeOrder = {
      streamId: this.stream.streamId,
      encoding: this.encoding,
      bitrateBps: Math.floor(bitrateBps),
      fps,
      scale: this.encoding === 'small' ? scale * small.scale : scale,
      keepOneIn: this.#keepOneIn(share, nowUs),
    };
    if (!this.#isWorthTelling(order, nowUs)) return undefined;
    if (order.bitrateBps !== this.#ordered?.bitrateBps) this.#orderedUs = nowUs;
    this.#ordered = order;
    return order;
  }

  /** Tells once that its rate is below its minimum, and once that it is enough again. */
  judge(bitrateBps: number, nowUs: number): RateNotice | undefined {
    if (this.encoding === 'small') return undefined;
    const isTold = this.#told === 'ok';
    const enoughBps = Math.min(this.minBps * okMargin, this.maxBps * (1 - leastChange));
    const isOtherwise = isTold
      ? bitrateBps < Math.floor(this.minBps * (1 - leastChange))
      : bitrateBps >= enoughBps;
    this.#otherwiseSinceUs = isOtherwise ? (this.#otherwiseSinceUs ?? nowUs) : undefined;
    if (this.#otherwiseSinceUs === undefined) return undefined;
    if (nowUs - this.#otherwiseSinceUs < (isTold ? belowUs : okUs)) return undefined;
    this.#told = isTold ? 'belowMinimum' : 'ok';
    this.#otherwiseSinceUs = undefined;
    return { streamId: this.stream.streamId, state: this.#told, bitrateBps };
  }

  #lateLimitBps(share: EncodingShare, fullBps: number, nowUs: number): number {
    if (share.isStarved) this.#starvedUs = nowUs;
    const isLate = share.isLate && nowUs - this.#starvedUs > returnUs;
    this.#beforeLateBps = isLate ? (this.#beforeLateBps ?? fullBps) : undefined;
    const limitBps = (this.#beforeLateBps ?? Number.POSITIVE_INFINITY) * lateShare;
    return Math.max(this.minBps, limitBps);
  }

  #createLadder(): EncoderLadder {
    const scale = this.encoding === 'small' ? small.scale : 1;
    return new EncoderLadder({
      width: this.stream.width * scale,
      height: this.stream.height * scale,
      fps: this.#cap.fps,
      maxBps: this.maxBps,
    });
  }

  #measureScene({ usedBps }: EncodingShare, nowUs: number): void {
    const ordered = this.#ordered;
    if (usedBps === undefined || !ordered || ordered.keepOneIn !== 1) return;
    const { width, height } = this.stream;
    const { bitrateBps, fps, scale } = ordered;
    this.#scene.update(usedBps, { bitrateBps, fps, pixels: width * height * scale ** 2 }, nowUs);
  }

  #pictureFor(bitrateBps: number, nowUs: number): { fps: number; scale: number } {
    this.#startedUs ??= nowUs;
    if (nowUs - this.#startedUs < startUs) return { fps: this.#cap.fps, scale: 1 };
    return this.#ladder.update(Math.min(this.maxBps, bitrateBps / this.#scene.share), nowUs);
  }

  #keepOneIn(share: EncodingShare, nowUs: number): number {
    const limits = holdLimits[share.isMainStream ? 'mainStream' : 'other'];
    const keepOneIn = this.#hold.update(limits, share, nowUs);
    if (share.isStarved) return this.encoding === 'small' ? 0 : unheardKeepOneIn;
    // A picture taken now would wait as well: the one taken when the way is free is newer, and comes no later.
    if (share.isHeld) return 0;
    return share.isLate && keepOneIn === 1 ? lateKeepOneIn : keepOneIn;
  }

  /** Less at once, more every now and then, and hardly any difference not at all. */
  #isWorthTelling(order: EncodeOrder, nowUs: number): boolean {
    const ordered = this.#ordered;
    if (!ordered) return true;
    const change = order.bitrateBps / Math.max(1, ordered.bitrateBps) - 1;
    if (change < -leastChange) return true;
    const isMore = change > leastChange || (change > 0 && order.bitrateBps === this.maxBps);
    if (isMore && nowUs - this.#orderedUs >= riseUs) return true;
    const { fps, scale, keepOneIn } = ordered;
    if (order.fps === fps && order.scale === scale && order.keepOneIn === keepOneIn) return false;
    // Something else changed: a rate that must wait waits on.
    if (change > 0) order.bitrateBps = ordered.bitrateBps;
    return true;
  }
}

function capOf(encoding: Encoding, { bitrateBps, fps }: StreamCap): StreamCap {
  if (encoding === 'main') return { bitrateBps, fps };
  const { least, most } = small.mostBps;
  const share = Math.max(least, Math.min(most, bitrateBps * small.share));
  return { bitrateBps: Math.min(bitrateBps, share), fps: Math.min(fps, small.fps) };
}
