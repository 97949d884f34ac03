import { setTimeout as sleep } from 'node:timers/promises';
import { FreezeMeter, type FreezePeriod } from '../../../packages/telemetry/src/freeze-rate.ts';
import type { StampReader } from '../latency/stamp-reader.ts';
import type { StampReading } from '../latency/stamp-reading.ts';
import type { StatsSample } from './page/page-result.ts';
import type { WatchedPage } from './watched-page.ts';

/** What one freeze came to. */
export type LagCheck = {
  lastedMs: number;
  /** Longest time without a new picture on the screen. */
  gapMs: number;
  /** The longest but this, which nobody ordered. */
  otherGapMs: number;
  /** Ends of periods within the freeze. */
  periodEnds: number;
  /** What the SDK's periods say was frozen, against what the screen showed, %. */
  error100Pct: number;
  error150Pct: number;
};

/** One freeze on purpose and what was seen about it; `toUs` leads from the page's clock to this computer's. */
type Watched = {
  fromUs: number;
  endUs: number;
  reading: StampReading;
  stats: StatsSample[];
  toUs: (pageMs: number) => number;
};

/** Lengths, and waits before each: against periods of 2 s they begin and end at different places, ms. */
const plan = [
  { waitMs: 2600, freezeMs: 2000 },
  { waitMs: 3300, freezeMs: 2600 },
  { waitMs: 2900, freezeMs: 3300 },
  { waitMs: 3800, freezeMs: 4100 },
  { waitMs: 3100, freezeMs: 5000 },
];
/** Until the period in which a freeze ended is over, ms. */
const restMs = 2500;
/** A freeze begins with the picture before it and ends with the one after: what lies between belongs to it, ms. */
const marginMs = 200;
/**
 * A gap near a threshold is above it for one observer and below for the other: where a busy computer held pictures up
 * for so long, ms, the freeze is done again, at most so often.
 */
const calmMs = 80;
const attempts = 3;

/** Holds the process that films for known times, and compares the periods about each with what the screen showed. */
export async function checkFreezes(
  page: WatchedPage,
  reader: StampReader,
  filmingPid: number,
): Promise<LagCheck[]> {
  const checks: LagCheck[] = [];
  for (const { waitMs, freezeMs } of plan) {
    let check: LagCheck | undefined;
    for (let i = 0; i < attempts && !(check && check.otherGapMs < calmMs); i++) {
      check = checkFreeze(await watchFreeze(page, reader, filmingPid, waitMs, freezeMs));
    }
    if (check) checks.push(check);
  }
  return checks;
}

async function watchFreeze(
  page: WatchedPage,
  reader: StampReader,
  filmingPid: number,
  waitMs: number,
  freezeMs: number,
): Promise<Watched> {
  await reader.take();
  await page.take();
  await sleep(waitMs);
  const fromUs = nowUs();
  process.kill(filmingPid, 'SIGSTOP');
  try {
    await sleep(freezeMs);
  } finally {
    process.kill(filmingPid, 'SIGCONT');
  }
  const endUs = nowUs();
  await sleep(restMs);
  const reading = await reader.take();
  const { stats } = await page.take();
  const { offsetUs } = await page.readClock();
  return { fromUs, endUs, reading, stats, toUs: (pageMs) => pageMs * 1000 + offsetUs };
}

function checkFreeze({ fromUs, endUs, reading, stats, toUs }: Watched): LagCheck {
  const first = stats.findLastIndex(({ atMs }) => toUs(atMs) < fromUs - marginMs * 1000);
  const last = stats.findIndex(({ atMs }) => toUs(atMs) > endUs + marginMs * 1000);
  if (first < 0 || last < 0) throw new Error('the statistics did not come while a freeze was on');
  const told = stats.slice(first, last + 1);
  const [startUs, stopUs] = [toUs(told[0]?.atMs ?? 0), toUs(told.at(-1)?.atMs ?? 0)];
  const shown = screenFreezes(reading, startUs, stopUs);
  const ends = told.filter(({ atMs }) => toUs(atMs) > fromUs && toUs(atMs) < endUs);
  const [gapMs = 0, otherGapMs = 0] = screenGapsMs(reading, startUs, stopUs);
  return {
    lastedMs: (endUs - fromUs) / 1000,
    gapMs,
    otherGapMs,
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

/** Times between new pictures on the screen, the longest first. */
function screenGapsMs({ sightings }: StampReading, fromUs: number, toUs: number): number[] {
  const within = sightings.filter(({ seenUs }) => seenUs > fromUs && seenUs < toUs);
  const gaps = within.slice(1).map(({ seenUs }, i) => seenUs - (within[i]?.seenUs ?? seenUs));
  return gaps.map((gapUs) => gapUs / 1000).toSorted((a, b) => b - a);
}

function errorPct(saidMs: number, trueMs: number): number {
  return (Math.abs(saidMs - trueMs) / trueMs) * 100;
}

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}
