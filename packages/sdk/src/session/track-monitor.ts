import type { StreamArrivals } from '@longreach/protocol';
import {
  FreezeMeter,
  type FreezePeriod,
  LatencyMeter,
  type LatencyPart,
  LatencySplit,
  type PresentedFigures,
  StableFps,
  sumFreezePeriods,
} from '@longreach/telemetry';
import { captureTimeUsOf } from '../media/capture-time.ts';
import type { MachineTime } from '../media/machine-time.ts';
import type { PresentedFrame } from '../player/player.ts';

/** Figures of the last second, and of the last ten where said. */
export type SecondFigures = {
  fps: number;
  latency: LatencyPart | undefined;
  /** Up to the media worker, and from there. */
  latency1: LatencyPart | undefined;
  latency2: LatencyPart | undefined;
  /** Over the last ten seconds, %. */
  lag150Pct: number;
  /** Gaps of more than 150 ms since the start. */
  freezes: number;
  width: number;
  height: number;
};

/** The newest picture that was on screen. */
export type NewestPicture = {
  presentedMs: number;
  /** How old it was when it appeared, ms; 0 while nothing is known of the machine's clock. */
  ageWhenPresentedMs: number;
  /** Machine clock, µs; 0 while unknown. */
  captureTimeUs: number;
};

type Meters = { freeze: FreezeMeter; latency: LatencyMeter; sinceMs: number };
type Latencies = Pick<SecondFigures, 'latency' | 'latency1' | 'latency2'>;

const secondsKept = 10;

/** Watches what is presented of one stream. Times: ms on the page clock, given. */
export class TrackMonitor {
  /** Two consumers with periods of their own: the statistics, and the head-up figures. */
  readonly #stats: Meters;
  readonly #figures: Meters;
  readonly #stableFps: StableFps;
  readonly #split = new LatencySplit();
  readonly #seconds: FreezePeriod[] = [];
  #lastRtpTimestamp: number | undefined;
  #newest: NewestPicture | undefined;
  #size = { width: 0, height: 0 };
  #freezes = 0;

  constructor(nowMs: number, paused: boolean) {
    const createMeters = () => ({
      freeze: new FreezeMeter(nowMs, { paused }),
      latency: new LatencyMeter(),
      sinceMs: nowMs,
    });
    this.#stats = createMeters();
    this.#figures = createMeters();
    this.#stableFps = new StableFps(nowMs);
  }

  get newest(): NewestPicture | undefined {
    return this.#newest;
  }

  /** A picture appeared in some element; one that another element showed before is not new. */
  handleFrame(frame: PresentedFrame, timestampOffset: number, time: MachineTime): void {
    if (frame.rtpTimestamp !== undefined && frame.rtpTimestamp === this.#lastRtpTimestamp) return;
    this.#lastRtpTimestamp = frame.rtpTimestamp;
    this.#size = { width: frame.width, height: frame.height };
    this.#stableFps.handleFrame(frame.presentedMs);
    for (const { freeze } of [this.#stats, this.#figures]) freeze.handleFrame(frame.presentedMs);
    this.#newest = this.#dated(frame, timestampOffset, time);
  }

  /** The media worker told how long pictures of this stream took to it. */
  handleArrivals({ frames, delayTicks }: StreamArrivals, time: MachineTime, nowMs: number): void {
    const delay = time.delayToWorker(delayTicks, nowMs * 1000);
    if (!delay) return;
    const { valueMs: meanMs, uncertaintyMs } = delay;
    this.#split.handleArrivals({ meanMs, uncertaintyMs, frames }, nowMs);
  }

  #dated(frame: PresentedFrame, timestampOffset: number, time: MachineTime): NewestPicture {
    const { presentedMs, rtpTimestamp } = frame;
    const machineNowUs = time.machineNowUs(presentedMs * 1000);
    if (rtpTimestamp === undefined || machineNowUs === undefined) {
      return { presentedMs, ageWhenPresentedMs: 0, captureTimeUs: 0 };
    }
    const captureTimeUs = captureTimeUsOf(rtpTimestamp, timestampOffset, machineNowUs);
    const latency = time.latencyOf(captureTimeUs, presentedMs * 1000);
    if (latency) {
      for (const meters of [this.#stats, this.#figures]) {
        meters.latency.handleFrame(latency.valueMs, latency.uncertaintyMs);
      }
    }
    const ageWhenPresentedMs = (machineNowUs - captureTimeUs) / 1000;
    return { presentedMs, ageWhenPresentedMs, captureTimeUs };
  }

  /** Nobody looks: the page is hidden, or no element shows the stream. */
  pause(nowMs: number): void {
    for (const { freeze } of [this.#stats, this.#figures]) freeze.pause(nowMs);
  }

  resume(nowMs: number): void {
    for (const { freeze } of [this.#stats, this.#figures]) freeze.resume(nowMs);
  }

  /** Ends the period of the statistics. */
  takeStats(nowMs: number): PresentedFigures {
    const freeze = this.#stats.freeze.closePeriod(nowMs);
    const { latency, latency1, latency2 } = this.#takeLatencies(this.#stats, nowMs);
    const stableFps = this.#stableFps.valueAt(nowMs);
    return {
      framesPresented: freeze.frames,
      ...(freeze.lag100 === undefined ? {} : { lag100: freeze.lag100 }),
      ...(freeze.lag150 === undefined ? {} : { lag150: freeze.lag150 }),
      ...(latency === undefined ? {} : { latency: latency.meanMs }),
      ...(latency1 === undefined ? {} : { latency1: latency1.meanMs }),
      ...(latency2 === undefined ? {} : { latency2: latency2.meanMs }),
      ...(stableFps === undefined ? {} : { stableFps }),
    };
  }

  /** Ends the second of the head-up figures. */
  takeSecond(nowMs: number): SecondFigures {
    const freeze = this.#figures.freeze.closePeriod(nowMs);
    this.#seconds.push(freeze);
    if (this.#seconds.length > secondsKept) this.#seconds.shift();
    this.#freezes += freeze.gaps150;
    return {
      fps: freeze.activeMs > 0 ? (freeze.frames / freeze.activeMs) * 1000 : 0,
      ...this.#takeLatencies(this.#figures, nowMs),
      lag150Pct: sumFreezePeriods(this.#seconds).lag150 ?? 0,
      freezes: this.#freezes,
      ...this.#size,
    };
  }

  #takeLatencies(meters: Meters, nowMs: number): Latencies {
    const latency = meters.latency.closePeriod();
    const { latency1, latency2 } = this.#split.partsOf(latency, meters.sinceMs, nowMs);
    meters.sinceMs = nowMs;
    return { latency, latency1, latency2 };
  }
}
