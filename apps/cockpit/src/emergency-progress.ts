import type { GuardMode } from '@longreach/protocol';

/** How far an emergency stop of ours has come. */
export type EmergencyProgress = 'ready' | 'sending' | 'active' | 'failed';

/** Longest wait for the machine's word that it stops, ms. */
export const confirmWithinMs = 1000;

/**
 * What the emergency stop's button says. The machine's own report counts most; without it a request of
 * `askedAtMs` is under way until `confirmWithinMs`, then unconfirmed (it may still have arrived).
 */
export function emergencyProgress(
  guardMode: GuardMode | undefined,
  askedAtMs: number | undefined,
  nowMs: number,
): EmergencyProgress {
  if (guardMode === 'emergency') return 'active';
  if (askedAtMs === undefined) return 'ready';
  return nowMs - askedAtMs < confirmWithinMs ? 'sending' : 'failed';
}
