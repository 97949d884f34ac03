import type { StateReport } from '@longreach/protocol';

/** Reports may overtake each other; a big step back is a restart of the machine instead. */
export function isOutdated(report: StateReport, newest: StateReport | undefined): boolean {
  const behindUs = (newest?.machineTimeUs ?? 0) - report.machineTimeUs;
  return behindUs > 0 && behindUs < 1_000_000;
}
