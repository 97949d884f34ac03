import { stampClockOf } from '../../../apps/agent/src/capture/stamp.ts';
import { ascending, median, quantile, rounded } from '../report.ts';
import type { Run } from './measure-run.ts';
import type { Sighting } from './stamp-reading.ts';

/** Figures of one setting over all its runs; ms where nothing else is said. */
export type Figures = {
  p50: number;
  p95: number;
  p99: number;
  runMedians: number[];
  /** Pictures. */
  seen: number;
  /** Pictures that were taken between the first and the last seen but never showed. */
  missed: number;
  looksPerSecond: number;
  /** From the look that did not see a picture to the one that did: each latency is too long by up to this. */
  lookMeanMs: number;
  lookP99Ms: number;
};

/** Pools the pictures of all runs. */
export function figuresOf(runs: Run[]): Figures {
  const sightings = runs.map((run) => run.reading.sightings);
  const pooled = sightings.flat();
  const latencies = ascending(pooled.map(latencyMs));
  const looks = ascending(pooled.map((seen) => (seen.seenUs - seen.previousLookUs) / 1000));
  const spanUs = runs.reduce((sum, { reading }) => sum + reading.endedUs - reading.startedUs, 0);
  return {
    p50: rounded(quantile(latencies, 0.5)),
    p95: rounded(quantile(latencies, 0.95)),
    p99: rounded(quantile(latencies, 0.99)),
    runMedians: sightings.map((seen) => rounded(median(seen.map(latencyMs)))),
    seen: pooled.length,
    missed: sightings.reduce((sum, seen) => sum + missedIn(seen), 0),
    looksPerSecond: Math.round(
      runs.reduce((sum, { reading }) => sum + reading.looks, 0) / (spanUs / 1e6),
    ),
    lookMeanMs: rounded(looks.reduce((sum, gap) => sum + gap, 0) / looks.length),
    lookP99Ms: rounded(quantile(looks, 0.99)),
  };
}

/** Capture to seen. The stamp has units of 0.1 ms and is cut off, so a latency is too long by 0.05 ms in the mean. */
export function latencyMs({ clock, seenUs }: Sighting): number {
  const wholeUs = Math.floor(seenUs / 100) * 100;
  const behind = (stampClockOf(seenUs) - clock) | 0;
  return (behind * 100 + (seenUs - wholeUs)) / 1000;
}

function missedIn(sightings: Sighting[]): number {
  const first = sightings[0];
  const last = sightings.at(-1);
  if (!first || !last) return 0;
  return ((last.frame - first.frame) & 0xffffff) + 1 - sightings.length;
}
