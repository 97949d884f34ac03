import { setTimeout as sleep } from 'node:timers/promises';
import { captureTimeUsOf } from '../../../packages/sdk/src/media/capture-time.ts';
import { type ClockShift, shiftedUs } from '../../support/shifted-clock.ts';
import { latencyMs } from '../latency/figures.ts';
import type { StampReader } from '../latency/stamp-reader.ts';
import type { StampReading } from '../latency/stamp-reading.ts';
import type { WorkerTrace } from '../latency/trace-record.ts';
import type { PageResult, StatsSample } from './page/page-result.ts';
import type { WatchedPage } from './watched-page.ts';

/** Raw material of one run; `toUs` leads from the page's clock to this computer's. */
export type LatencyRun = {
  shift: ClockShift;
  reading: StampReading;
  page: PageResult;
  toUs: (pageMs: number) => number;
};

/** What the SDK said less what was true, ms, for each of its periods. */
export type LatencyErrors = {
  /** Mean over a period of the statistics, and over a second of the head-up figures. */
  latency: number[];
  latency1: number[];
  /** How far the SDK held its figures for uncertain, ms. */
  uncertainties: number[];
  /** Share of the figures whose truth lay within what the SDK said, presentation's own error left out. */
  honestShare: number;
};

/** From the browser handing a frame over until the pixels show: no clock's error (decision 0012), ms. */
const screenMs = 6;

/** Watches for so long. */
export async function runLatency(
  page: WatchedPage,
  reader: StampReader,
  shift: ClockShift,
  seconds: number,
): Promise<LatencyRun> {
  await reader.take();
  await page.take();
  await sleep(seconds * 1000);
  const reading = await reader.take();
  const result = await page.take();
  const { offsetUs } = await page.readClock();
  return { shift, reading, page: result, toUs: (pageMs) => pageMs * 1000 + offsetUs };
}

/** Compares every period with the pictures that showed in it. */
export function latencyErrors(run: LatencyRun, trace: readonly WorkerTrace[]): LatencyErrors {
  const { stats, figures } = run.page;
  const told = [
    ...periodsOf(stats, ({ latency }) => latency),
    ...periodsOf(figures, ({ latencyMs }) => latencyMs),
  ];
  const latency = told.flatMap((period) => errorOf(period, presentedMs(run, period)));
  const latency1 = periodsOf(stats, (sample: StatsSample) => sample.latency1).flatMap((period) =>
    errorOf(period, arrivedMs(run, period, trace)),
  );
  const uncertainties = figures.flatMap(({ latencyUncertaintyMs = [] }) => latencyUncertaintyMs);
  const seconds = periodsOf(figures, ({ latencyMs }) => latencyMs);
  const honest = seconds.flatMap((period, i) => {
    const [error] = errorOf(period, presentedMs(run, period));
    const allowedMs = (figures[i + 1]?.latencyUncertaintyMs ?? 0) + screenMs;
    return error === undefined ? [] : [Math.abs(error) <= allowedMs];
  });
  const honestShare = honest.filter(Boolean).length / honest.length;
  return { latency, latency1, uncertainties, honestShare };
}

type Period = { fromMs: number; toMs: number; saidMs: number | undefined };

/** From each sample to the next; the first only begins one. */
function periodsOf<Sample extends { atMs: number }>(
  samples: readonly Sample[],
  saidOf: (sample: Sample) => number | undefined,
): Period[] {
  return samples.slice(1).map((sample, i) => ({
    fromMs: samples[i]?.atMs ?? sample.atMs,
    toMs: sample.atMs,
    saidMs: saidOf(sample),
  }));
}

function errorOf({ saidMs }: Period, trueMs: number[]): number[] {
  if (saidMs === undefined || trueMs.length === 0) return [];
  return [saidMs - trueMs.reduce((sum, one) => sum + one, 0) / trueMs.length];
}

/** Capture to seen on the screen of every picture of the period, by the stamp in its pixels, on the machine's clock. */
function presentedMs({ reading, shift, toUs }: LatencyRun, { fromMs, toMs }: Period): number[] {
  return reading.sightings
    .filter(({ seenUs }) => seenUs > toUs(fromMs) && seenUs <= toUs(toMs))
    .map(({ clock, frame, seenUs, previousLookUs }) =>
      latencyMs({ clock, frame, previousLookUs, seenUs: shiftedUs(seenUs, shift) }),
    );
}

/** Capture to the arrival of the last packet of every picture of the period, as the worker's own tap saw it. */
function arrivedMs(
  { shift, toUs }: LatencyRun,
  { fromMs, toMs }: Period,
  trace: readonly WorkerTrace[],
): number[] {
  return trace
    .filter(({ lastUs }) => lastUs > toUs(fromMs) && lastUs <= toUs(toMs))
    .map(({ rtpTimestamp, lastUs }) => {
      const machineUs = shiftedUs(lastUs, shift);
      return (machineUs - captureTimeUsOf(rtpTimestamp, 0, machineUs)) / 1000;
    });
}
