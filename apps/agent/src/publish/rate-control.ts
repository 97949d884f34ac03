import type { Encoding } from '@longreach/protocol';
import { allocateRate } from '@longreach/rtp';
import {
  type EncodeOrder,
  EncodingRate,
  type EncodingState,
  type RateNotice,
  type StreamCap,
  type StreamEncoding,
} from './encoding-rate.ts';

/** What the network leaves now. */
export type NetworkRate = {
  /** All that may leave, every header and repair included, bit/s; undefined = nobody says: the configured rates hold. */
  targetBps: number | undefined;
  /** What the master takes of the main encodings, with headers and without repairs, bit/s; undefined = no limit. */
  mediaLimitBps: number | undefined;
  /** What leaves beside the pictures, bit/s. */
  otherBps: number;
  /** Nothing is heard of what was sent. */
  isStarved: boolean;
  /** It is heard of later than usual. */
  isLate: boolean;
  /** Packets wait until something is heard of those before them. */
  isHeld: boolean;
  /** How long the link needs for what it was handed so far, µs. */
  backlogUs: number;
  /** How long packets wait on the way, µs. */
  queueDelayUs: number;
  /** Bytes on the wire for each byte that an encoder makes. */
  costOf: (streamId: number, encoding: Encoding) => number;
  /** What an encoder really makes, bit/s; undefined = unknown. */
  usedBpsOf: (streamId: number, encoding: Encoding) => number | undefined;
};

/** Rates of the streams asked for instead of the configured ones. */
export type AskedCap = { bitrateBps?: number | undefined; fps?: number | undefined };

const priorities = { mainStream: 2, stream: 1, small: 0 };
/** Enough for every configured rate, when nobody says what the link carries. */
const unlimitedBps = 1e9;
/** What headers add to a usual frame. */
const headerFactor = 1.12;

/** Divides the network's rate among the encoders that run (pure: time is given, µs). */
export class RateControl {
  readonly #streams: readonly StreamEncoding[];
  readonly #caps = new Map<number, StreamCap>();
  readonly #running = new Map<string, EncodingRate>();
  #mainStreamId: number | undefined;

  constructor(streams: readonly StreamEncoding[]) {
    this.#streams = streams;
  }

  /** The stream that keeps its quality longest; until it is named, the running one with the lowest id. */
  set mainStreamId(streamId: number) {
    this.#mainStreamId = streamId;
  }

  /** The stream that goes first now. */
  get mainStreamId(): number | undefined {
    let lowest: number | undefined;
    for (const { stream, encoding } of this.#running.values()) {
      if (encoding !== 'main') continue;
      if (stream.streamId === this.#mainStreamId) return stream.streamId;
      lowest = Math.min(lowest ?? stream.streamId, stream.streamId);
    }
    return lowest;
  }

  /** Whether any encoding runs. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Least and most that the running encodings may take, bit/s of media. */
  get range(): { minBps: number; maxBps: number } {
    let [minBps, maxBps] = [0, 0];
    for (const rate of this.#running.values()) {
      minBps += rate.minBps;
      maxBps += rate.maxBps;
    }
    return { minBps, maxBps };
  }

  /** An encoding starts or stops; one that starts gets an order with the next update. */
  setActive(streamId: number, encoding: Encoding, isActive: boolean): void {
    const key = `${streamId}:${encoding}`;
    const stream = this.#streams.find((candidate) => candidate.streamId === streamId);
    if (!isActive || !stream) this.#running.delete(key);
    else if (!this.#running.has(key)) {
      this.#running.set(key, new EncodingRate(stream, encoding, this.#capOf(stream)));
    }
  }

  /** What somebody asked for instead of the configured rate and frame rate; what is absent stays. */
  setCap(streamId: number, { bitrateBps, fps }: AskedCap): void {
    const stream = this.#streams.find((candidate) => candidate.streamId === streamId);
    if (!stream) return;
    const before = this.#capOf(stream);
    const cap = { bitrateBps: bitrateBps ?? before.bitrateBps, fps: fps ?? before.fps };
    this.#caps.set(streamId, cap);
    for (const rate of this.#running.values()) {
      if (rate.stream === stream) rate.setCap(cap);
    }
  }

  /** What a running encoding is told now. */
  stateOf(streamId: number, encoding: Encoding): EncodingState | undefined {
    return this.#running.get(`${streamId}:${encoding}`)?.state;
  }

  /** Divides anew; gives only what changed. */
  update(network: NetworkRate, nowUs: number): { orders: EncodeOrder[]; notices: RateNotice[] } {
    const orders: EncodeOrder[] = [];
    const notices: RateNotice[] = [];
    const rates = this.#divide(network);
    const { isStarved, isLate, isHeld, backlogUs, queueDelayUs } = network;
    const shared = { isStarved, isLate, isHeld, backlogUs, queueDelayUs };
    for (const [key, rate] of this.#running) {
      const { stream, encoding } = rate;
      const bitrateBps = rates.get(key) ?? 0;
      const notice = rate.judge(bitrateBps, nowUs);
      if (notice) notices.push(notice);
      const isMainStream = this.#priorityOf(rate) === priorities.mainStream;
      const usedBps = network.usedBpsOf(stream.streamId, encoding);
      const order = rate.order({ ...shared, bitrateBps, usedBps, isMainStream }, nowUs);
      if (order) orders.push(order);
    }
    return { orders, notices };
  }

  /** Most parity for each byte of media that leaves every running stream its minimum. */
  redundancyShare(network: NetworkRate, leastShare: number, mostShare: number): number {
    const { minBps } = this.range;
    if (network.targetBps === undefined || minBps === 0) return mostShare;
    const share = (network.targetBps - network.otherBps) / (minBps * headerFactor) - 1;
    return Math.max(leastShare, Math.min(mostShare, share));
  }

  #capOf(stream: StreamEncoding): StreamCap {
    const { bitrateBps, fps } = stream;
    return this.#caps.get(stream.streamId) ?? { bitrateBps, fps };
  }

  /** Encoded bit/s by key. First what the master's link takes, then what ours carries. */
  #divide(network: NetworkRate): Map<string, number> {
    const limits = this.#masterLimits((network.mediaLimitBps ?? unlimitedBps) / headerFactor);
    const total = (network.targetBps ?? unlimitedBps) - network.otherBps;
    const costs = new Map<string, number>();
    const demands = [...this.#running].map(([key, rate]) => {
      const cost = network.costOf(rate.stream.streamId, rate.encoding);
      costs.set(key, cost);
      const maxBps = (limits.get(key) ?? rate.maxBps) * cost;
      const minBps = Math.min(maxBps, rate.minBps * cost);
      return { streamId: key, priority: this.#priorityOf(rate), minBps, maxBps };
    });
    return new Map(
      allocateRate(total, demands).map(({ streamId, bitrateBps }) => [
        streamId,
        Math.round(bitrateBps / (costs.get(streamId) ?? 1)),
      ]),
    );
  }

  /** What the master's link leaves each main encoding, encoded bit/s. */
  #masterLimits(totalBps: number): Map<string, number> {
    const demands = [...this.#running]
      .filter(([, { encoding }]) => encoding === 'main')
      .map(([key, rate]) => ({
        streamId: key,
        priority: this.#priorityOf(rate),
        minBps: rate.minBps,
        maxBps: rate.maxBps,
      }));
    const rates = allocateRate(totalBps, demands);
    return new Map(rates.map(({ streamId, bitrateBps }) => [streamId, bitrateBps]));
  }

  #priorityOf({ stream, encoding }: EncodingRate): number {
    if (encoding === 'small') return priorities.small;
    return stream.streamId === this.mainStreamId ? priorities.mainStream : priorities.stream;
  }
}
