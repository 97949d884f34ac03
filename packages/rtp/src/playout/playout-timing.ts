import { timestampDistance } from '../sequence-number.ts';

/** How much a player may hold pictures back. */
export type PlayoutTimingOptions = {
  /** Held back always, µs. Default 0: a picture is shown as soon as it is whole. */
  minDelayUs?: number;
  /** Never held back more than this, µs. Default 60,000. */
  maxDelayUs?: number;
};

/** Pictures that come this much late look even all the same, µs: nothing is held back for them. */
const toleratedUs = 10_000;
/** What the last time needed counts, µs, over at most so many pictures. */
const memoryUs = 2_000_000;
const maxPictures = 256;
/** This share of the pictures may come later than the delay provides for. */
const lateShare = 0.05;
/** The delay rises at most this much with each picture, µs, so that rising is no freeze itself. */
const riseUs = 10_000;
/** And falls by this share of the time that passes. */
const fallShare = 0.03;
/** The quickest way is the best of the last one or two spans of this length, µs. */
const baseSpanUs = 5_000_000;
/** Transit times that differ by more belong to another source or another clock, µs. */
const jumpUs = 500_000;

type Seen = { transitUs: number; atUs: number };

/**
 * When each picture is shown: at once while they come evenly, held back by what most of the last seconds' lateness
 * needs while they do not. Pure; times µs of one clock. Rules PT1 to PT6.
 */
export class PlayoutTiming {
  readonly #minDelayUs: number;
  readonly #maxDelayUs: number;
  #seen: Seen[] = [];
  #delayUs: number;
  #ticks = 0;
  #lastTimestamp: number | undefined;
  #lastUs = 0;
  #base = { bestUs: Number.POSITIVE_INFINITY, beforeUs: Number.POSITIVE_INFINITY, sinceUs: 0 };

  constructor(options: PlayoutTimingOptions = {}) {
    this.#minDelayUs = options.minDelayUs ?? 0;
    this.#maxDelayUs = options.maxDelayUs ?? 60_000;
    this.#delayUs = this.#minDelayUs;
  }

  /** How much a picture that comes by the quickest way is held back now, µs. */
  get delayUs(): number {
    return this.#delayUs;
  }

  /** A picture (RTP timestamp, 90 kHz) is whole at `nowUs`: when to show it, µs; never earlier than now. */
  handlePicture(timestamp: number, nowUs: number): number {
    const mediaUs = this.#mediaUs(timestamp);
    const transitUs = nowUs - mediaUs;
    const jumped = Math.abs(transitUs - this.#baseUs) > jumpUs;
    if (jumped && this.#baseUs !== Number.POSITIVE_INFINITY) this.#forget();
    this.#noteTransit(transitUs, nowUs);
    this.#adapt(nowUs);
    this.#lastUs = nowUs;
    return Math.max(nowUs, mediaUs + this.#baseUs + this.#delayUs);
  }

  get #baseUs(): number {
    return Math.min(this.#base.bestUs, this.#base.beforeUs);
  }

  #mediaUs(timestamp: number): number {
    this.#ticks += timestampDistance(this.#lastTimestamp ?? timestamp, timestamp);
    this.#lastTimestamp = timestamp;
    return (this.#ticks * 100) / 9;
  }

  #forget(): void {
    this.#seen = [];
    this.#base.bestUs = Number.POSITIVE_INFINITY;
    this.#base.beforeUs = Number.POSITIVE_INFINITY;
  }

  #noteTransit(transitUs: number, nowUs: number): void {
    const base = this.#base;
    if (nowUs - base.sinceUs > baseSpanUs) {
      base.beforeUs = base.bestUs;
      base.bestUs = Number.POSITIVE_INFINITY;
      base.sinceUs = nowUs;
    }
    base.bestUs = Math.min(base.bestUs, transitUs);
    this.#seen.push({ transitUs, atUs: nowUs });
    const [oldest] = this.#seen;
    if (!oldest) return;
    if (this.#seen.length > maxPictures || nowUs - oldest.atUs > memoryUs) this.#dropOld(nowUs);
  }

  #dropOld(nowUs: number): void {
    const first = this.#seen.findIndex(({ atUs }) => nowUs - atUs <= memoryUs);
    this.#seen.splice(0, Math.max(first, this.#seen.length - maxPictures));
  }

  #adapt(nowUs: number): void {
    const needed = this.#latenessUs() - toleratedUs;
    const wantedUs = Math.min(Math.max(needed, this.#minDelayUs), this.#maxDelayUs);
    const elapsedUs = Math.min(nowUs - this.#lastUs, memoryUs);
    if (wantedUs > this.#delayUs) this.#delayUs = Math.min(wantedUs, this.#delayUs + riseUs);
    else this.#delayUs = Math.max(wantedUs, this.#delayUs - elapsedUs * fallShare);
  }

  /** What all but the latest few of the last pictures were behind the quickest way, µs. */
  #latenessUs(): number {
    const sorted = this.#seen.map(({ transitUs }) => transitUs).sort((a, b) => a - b);
    const index = Math.floor((sorted.length - 1) * (1 - lateShare));
    return (sorted[index] as number) - this.#baseUs;
  }
}
