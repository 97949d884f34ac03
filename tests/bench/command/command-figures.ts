import type { ReleasedCommand } from '../../../apps/agent/src/local/released-command.ts';
import { ascending, quantile } from '../report.ts';

/** Input sampled → released by the guard, ms; `offsetMs` is the machine's clock minus the page's. */
export function latenciesMs(released: readonly ReleasedCommand[], offsetMs: number): number[] {
  return released.map(
    ({ releasedTimeUs, inputTimeMs }) => releasedTimeUs / 1000 - offsetMs - inputTimeMs,
  );
}

/** Quantiles of the latencies, ms. */
export function latencyFigures(latencies: readonly number[]): {
  p50: number;
  p95: number;
  p99: number;
  max: number;
} {
  const sorted = ascending(latencies);
  const at = (share: number) => quantile(sorted, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** Age of the newest released command just before the next one takes its place, when it is greatest, ms. */
export function commandAgesMs(released: readonly ReleasedCommand[]): number[] {
  return released
    .slice(1)
    .map(
      ({ releasedTimeUs }, at) =>
        (releasedTimeUs - (released[at] as ReleasedCommand).captureTimeUs) / 1000,
    );
}

/** Gaps between releases, ms. */
export function releaseGapsMs(released: readonly ReleasedCommand[]): number[] {
  return released
    .slice(1)
    .map(
      ({ releasedTimeUs }, at) =>
        (releasedTimeUs - (released[at] as ReleasedCommand).releasedTimeUs) / 1000,
    );
}
