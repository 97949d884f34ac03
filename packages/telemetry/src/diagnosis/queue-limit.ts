import { grade } from './rule.ts';

/** Waiting so long is felt when driving, and more than congestion control leaves standing, ms. */
export const queueLimitMs = 80;
const worstMs = 400;

/** Severity of a wait. */
export function queueSeverity(waitMs: number | undefined): number {
  return grade(waitMs, queueLimitMs, worstMs, [0.3, 0.9]);
}
