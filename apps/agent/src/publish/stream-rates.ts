import type { Clock } from '@longreach/kit';
import type { Encoding } from '@longreach/protocol';
import type { RateBounds } from './connection-rate.ts';
import type { EncodeOrder, EncodingState, RateNotice, StreamEncoding } from './encoding-rate.ts';
import type { Log } from './log.ts';
import type { MediaPath } from './media-path.ts';
import { type AskedCap, type NetworkRate, RateControl } from './rate-control.ts';

/** What the rates of a machine's streams are made by. */
export type StreamRatesOptions = {
  streams: readonly StreamEncoding[];
  clock: Clock;
  /** The way that media takes now. */
  path: () => MediaPath | undefined;
  /** Whether the machine's sound is sent now. */
  hasAudio: () => boolean;
  order: (order: EncodeOrder) => void;
  notify: (notice: RateNotice) => void;
  log: Log;
};

/** Between two divisions of the rate, ms. */
const periodMs = 10;
/** What is sent first when nothing is known of the network, bit/s, unless the minima want more. */
const startBps = 1_200_000;
/** The congestion control may not go below, bit/s. */
const leastBps = 100_000;
/** Room above the configured rates: at half lost, parity and repeats take three times the media. */
const headroom = 4;
/** A new connection begins where the one before was, for this long, µs. */
const memoryUs = 30_000_000;
/** Headers of media packets, at the start. */
const headerFactor = 1.15;
/** Sound with its headers, bit/s. */
const audioBps = 80_000;
/** Parity for each byte of media: always possible, and at most. */
const redundancyShare = { least: 0.25, most: 3 };

/** Lets encoders, pace and parity follow what the network carries: 100 times a second and whenever something starts. */
export class StreamRates {
  readonly #options: StreamRatesOptions;
  readonly #control: RateControl;
  readonly #timer: NodeJS.Timeout;
  #known: { targetBps: number; atUs: number } | undefined;

  constructor(options: StreamRatesOptions) {
    this.#options = options;
    this.#control = new RateControl(options.streams);
    this.#timer = setInterval(() => this.#update(), periodMs);
  }

  /** An encoding is about to start, or stopped; its first parameters are ordered here. */
  setActive(streamId: number, encoding: Encoding, isActive: boolean): void {
    this.#control.setActive(streamId, encoding, isActive);
    this.#update();
  }

  /** The stream that keeps its quality longest. */
  setMainStream(streamId: number): void {
    this.#control.mainStreamId = streamId;
    this.#update();
  }

  /** What somebody asked for instead of the configured rate and frame rate. */
  setCap(streamId: number, cap: AskedCap): void {
    this.#control.setCap(streamId, cap);
    this.#update();
  }

  /** What a running encoding is told now. */
  stateOf(streamId: number, encoding: Encoding): EncodingState | undefined {
    return this.#control.stateOf(streamId, encoding);
  }

  /** Bounds of the congestion control, by what runs. */
  bounds(): RateBounds {
    const { minBps, maxBps } = this.#control.range;
    const most = Math.max(startBps, maxBps * headerFactor + audioBps) * headroom;
    const isFresh = this.#known && this.#options.clock.nowUs() - this.#known.atUs < memoryUs;
    const usual = Math.max(startBps, minBps * headerFactor + audioBps);
    const start = isFresh ? (this.#known?.targetBps ?? usual) : usual;
    return { minBps: leastBps, maxBps: most, startBps: Math.min(start, most) };
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #update(): void {
    const { clock, path, order, notify, log } = this.#options;
    if (this.#control.isIdle) return;
    const nowUs = clock.nowUs();
    const way = path();
    const network = this.#network(way);
    if (network.targetBps !== undefined)
      this.#known = { targetBps: network.targetBps, atUs: nowUs };
    const { least, most } = redundancyShare;
    way?.preferStream(this.#control.mainStreamId);
    way?.limitRedundancy(this.#control.redundancyShare(network, least, most));
    const { orders, notices } = this.#control.update(network, nowUs);
    for (const one of orders) {
      order(one);
      const { targetBps, backlogUs } = network;
      log.debug({ ...one, targetBps, backlogUs }, 'encoding changed');
    }
    for (const notice of notices) notify(notice);
  }

  #network(path: MediaPath | undefined): NetworkRate {
    const nowUs = this.#options.clock.nowUs();
    const state = path?.state();
    const shared = {
      otherBps: this.#options.hasAudio() ? audioBps : 0,
      costOf: (streamId: number, encoding: Encoding) =>
        path?.senderOf(streamId, encoding)?.costFactor(nowUs) ?? headerFactor,
      usedBpsOf: (streamId: number, encoding: Encoding) =>
        path?.senderOf(streamId, encoding)?.cost.encodedBps(nowUs),
    };
    if (!state) {
      const { startBps } = this.bounds();
      return {
        ...shared,
        targetBps: startBps,
        mediaLimitBps: undefined,
        isStarved: false,
        isLate: false,
        isHeld: false,
        backlogUs: 0,
        queueDelayUs: 0,
      };
    }
    return { ...shared, ...state };
  }
}
