import type { Tone } from './tone.ts';

/** How far one can drive with a delay, as a word. */
export type LatencyRegime = { word: 'precise' | 'drive' | 'danger' | 'stop'; tone: Tone };

/**
 * Upper ends of the regimes, ms: precise work below 100, driving to 150, danger to 225, above it stop.
 * Source: the latency cliffs of teleoperation studies, docs/5-explain.
 */
export const regimeLimits = { preciseMs: 100, driveMs: 150, dangerMs: 225 } as const;

/** The regime of a delay in ms; undefined for an unknown one. */
export function latencyRegime(latencyMs: number | undefined): LatencyRegime | undefined {
  if (latencyMs === undefined || !Number.isFinite(latencyMs)) return undefined;
  if (latencyMs < regimeLimits.preciseMs) return { word: 'precise', tone: 'good' };
  if (latencyMs <= regimeLimits.driveMs) return { word: 'drive', tone: 'accent' };
  if (latencyMs <= regimeLimits.dangerMs) return { word: 'danger', tone: 'warn' };
  return { word: 'stop', tone: 'danger' };
}
