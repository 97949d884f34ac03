import type { LegMoment, LegRun } from './simulate-leg.ts';

/** What a run shows between two times, in seconds. */
export function figuresOf(run: LegRun, fromS: number, toS = Number.POSITIVE_INFINITY) {
  const isInside = (us: number) => us >= fromS * 1e6 && us < toS * 1e6;
  const arrivals = run.arrivals.filter((arrival) => isInside(arrival.sentUs));
  const moments = run.moments.filter((moment) => isInside(moment.atUs));
  const queueMs = arrivals.map((arrival) => arrival.queuedUs / 1000);
  const targets = moments.map((moment) => moment.targetBps);
  const seconds = Math.min(toS, (run.moments.at(-1)?.atUs ?? 0) / 1e6) - fromS;
  return {
    queueP95Ms: quantile(queueMs, 0.95),
    queueMaxMs: Math.max(0, ...queueMs),
    receivedBps: arrivals.reduce((sum, arrival) => sum + arrival.bytes * 8, 0) / seconds,
    targetLeastBps: Math.min(...targets),
    targetMostBps: Math.max(...targets),
    moments,
  };
}

/** Mean of what the encoder could use, as a share of the application's maximum. */
export function usableShare(moments: readonly LegMoment[], applicationBps: number): number {
  const usable = moments.map((moment) => Math.min(1, moment.targetBps / applicationBps));
  return usable.reduce((sum, share) => sum + share, 0) / usable.length;
}

/** Seconds after `fromS` at which the queue was last longer than `ms` between two frames (50 ms looked at together). */
export function secondsUntilQueueBelow(
  run: LegRun,
  fromS: number,
  toS: number,
  ms: number,
): number {
  const least = new Map<number, number>();
  for (const { sentUs, queuedUs } of run.arrivals) {
    if (sentUs < fromS * 1e6 || sentUs >= toS * 1e6) continue;
    const bucket = Math.floor(sentUs / 50_000);
    least.set(bucket, Math.min(least.get(bucket) ?? Number.POSITIVE_INFINITY, queuedUs));
  }
  const long = [...least].filter(([, queuedUs]) => queuedUs > ms * 1000);
  return Math.max(0, ...long.map(([bucket]) => (bucket + 1) * 0.05 - fromS));
}

/** Seconds after `fromS` at which the target was first below `bps`. */
export function secondsUntilRateBelow(run: LegRun, fromS: number, bps: number): number {
  const first = run.moments.find(({ atUs, targetBps }) => atUs >= fromS * 1e6 && targetBps < bps);
  return first === undefined ? Number.POSITIVE_INFINITY : first.atUs / 1e6 - fromS;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
