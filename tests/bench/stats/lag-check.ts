import { setTimeout as sleep } from 'node:timers/promises';
import { FreezeMeter, type FreezePeriod } from '../../../packages/telemetry/src/freeze-rate.ts';
import type { StampReader } from '../latency/stamp-reader.ts';
import type { StampReading } from '../latency/stamp-reading.ts';
import type { StatsSample } from './page/page-result.ts';
import type { WatchedPage } from './watched-page.ts';

/** One freeze on purpose, this computer's clock. */
export type Freeze = { fromUs: number; toUs: number };

/** Raw material of a run with freezes. */
export type LagRun = {
  freezes: Freeze[];
  reading: StampReading;
  stats: StatsSample[];
  toUs: (pageMs: number) => number;
};

/** What one freeze came to. */
export type LagCheck = {
  lastedMs: number;
  /** Longest time without a new picture on the screen. */
  gapMs: number;
  /** Ends of periods within it. */
  periodEnds: number;
  /** What the SDK's periods say was frozen, against what the screen showed, %. */
  error100Pct: number;
  error150Pct: number;
};

/** Lengths, and waits before each: against periods of 2 s they begin and end at different places, ms. */
const plan = [
  { waitMs: 4300, freezeMs: 2000 },
  { waitMs: 5100, freezeMs: 2600 },
  { waitMs: 4700, freezeMs: 3300 },
  { waitMs: 5600, freezeMs: 4100 },
  { waitMs: 4900, freezeMs: 5000 },
];
/** A freeze begins with the picture before it and ends with the one after: what lies between belongs to it, ms. */
const marginMs = 200;
/** Until the period in which the last freeze ended is over, ms. */
const settleMs = 3000;

/** Holds the process that films for known times, and watches. */
export async function runFreezes(
  page: WatchedPage,
  reader: StampReader,
  filmingPid: number,
): Promise<LagRun> {
  await reader.take();
  await page.take();
  const freezes: Freeze[] = [];
  try {
    for (const { waitMs, freezeMs } of plan) {
      await sleep(waitMs);
      const fromUs = nowUs();
      process.kill(filmingPid, 'SIGSTOP');
      await sleep(freezeMs);
      process.kill(filmingPid, 'SIGCONT');
      freezes.push({ fromUs, toUs: nowUs() });
    }
    await sleep(settleMs);
  } finally {
    process.kill(filmingPid, 'SIGCONT');
  }
  const reading = await reader.take();
  const { stats } = await page.take();
  const { offsetUs } = await page.readClock();
  return { freezes, reading, stats, toUs: (pageMs) => pageMs * 1000 + offsetUs };
}

/** Compares the periods about each freeze with what the screen showed in the same time. */
export function checkFreezes(run: LagRun): LagCheck[] {
  return run.freezes.map((freeze) => checkFreeze(run, freeze));
}

function checkFreeze({ reading, stats, toUs }: LagRun, { fromUs, toUs: endUs }: Freeze): LagCheck {
  const first = stats.findLastIndex(({ atMs }) => toUs(atMs) < fromUs - marginMs * 1000);
  const last = stats.findIndex(({ atMs }) => toUs(atMs) > endUs + marginMs * 1000);
  if (first < 0 || last < 0) throw new Error('a freeze is not within the watched time');
  const told = stats.slice(first, last + 1);
  const shown = screenFreezes(reading, toUs(told[0]?.atMs ?? 0), toUs(told.at(-1)?.atMs ?? 0));
  const ends = told.filter(({ atMs }) => toUs(atMs) > fromUs && toUs(atMs) < endUs);
  return {
    lastedMs: (endUs - fromUs) / 1000,
    gapMs: longestGapMs(reading, fromUs, endUs),
    periodEnds: ends.length,
    error100Pct: errorPct(frozenMs(told, 'lag100'), shown.frozen100Ms),
    error150Pct: errorPct(frozenMs(told, 'lag150'), shown.frozen150Ms),
  };
}

/** Frozen time of all periods but the first, which only begins the next one. */
function frozenMs(told: readonly StatsSample[], figure: 'lag100' | 'lag150'): number {
  return told.slice(1).reduce((sum, sample, i) => {
    const lengthMs = sample.atMs - (told[i]?.atMs ?? sample.atMs);
    return sum + ((sample[figure] ?? 0) / 100) * lengthMs;
  }, 0);
}

/** What the screen showed between two times, by the counters in the pixels. */
function screenFreezes(reading: StampReading, fromUs: number, toUs: number): FreezePeriod {
  const meter = new FreezeMeter(reading.startedUs / 1000);
  let opened = false;
  for (const { seenUs } of reading.sightings) {
    if (seenUs > toUs) break;
    if (!opened && seenUs > fromUs) {
      meter.closePeriod(fromUs / 1000);
      opened = true;
    }
    meter.handleFrame(seenUs / 1000);
  }
  return meter.closePeriod(toUs / 1000);
}

function longestGapMs({ sightings }: StampReading, fromUs: number, toUs: number): number {
  const around = sightings.filter(
    ({ seenUs }) => seenUs > fromUs - 1_000_000 && seenUs < toUs + 1_000_000,
  );
  const gaps = around.slice(1).map(({ seenUs }, i) => seenUs - (around[i]?.seenUs ?? seenUs));
  return Math.max(0, ...gaps) / 1000;
}

function errorPct(saidMs: number, trueMs: number): number {
  return (Math.abs(saidMs - trueMs) / trueMs) * 100;
}

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}
