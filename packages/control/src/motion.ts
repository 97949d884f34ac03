import type { GuardProfile } from './guard-profile.ts';

/** What permitted motion rests on: the newest released drive command, or the re-arm before the first. */
export type Motion = {
  /** When it arrived, µs. */
  freshUs: number;
  /** How long it holds, µs. */
  holdUs: number;
  /** Capture time that it echoed, never in the future, µs. */
  captureUs: number;
  /** Brake that it asked for, 0 to 1: graded braking never brakes less. */
  brake: number;
};

/** When graded braking begins, µs. */
export function brakeAtUs(motion: Motion, profile: GuardProfile): number {
  return Math.min(motion.freshUs + motion.holdUs, motion.captureUs + 1000 * profile.loopAgeBrakeMs);
}

/** When standstill is ordered, µs. */
export function stopAtUs(motion: Motion, profile: GuardProfile): number {
  return Math.min(
    motion.freshUs + 1000 * profile.silenceStopMs,
    motion.captureUs + 1000 * profile.loopAgeStopMs,
  );
}

/** Brake of a brake order now, 0 to 1: the stronger of the ramps by silence and by loop age. */
export function brakeLevel(motion: Motion, nowUs: number, profile: GuardProfile): number {
  const { brakeStart } = profile;
  const silenceStopUs = 1000 * profile.silenceStopMs;
  const bySilence = share(nowUs - motion.freshUs, motion.holdUs, silenceStopUs);
  const byAge = share(
    nowUs - motion.captureUs,
    1000 * profile.loopAgeBrakeMs,
    1000 * profile.loopAgeStopMs,
  );
  const ramp = brakeStart + (1 - brakeStart) * Math.max(bySilence, byAge);
  return Math.min(1, Math.max(ramp, motion.brake));
}

/** Whether an echoed capture time is neither absent, nor too old, nor made up. */
export function isPictureFresh(captureUs: number, nowUs: number, profile: GuardProfile): boolean {
  const ageUs = nowUs - captureUs;
  return (
    captureUs > 0 && ageUs <= 1000 * profile.loopAgeStopMs && ageUs >= -1000 * profile.futureMs
  );
}

/** How far `value` has gone from `from` to `to`, 0 to 1. */
function share(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
