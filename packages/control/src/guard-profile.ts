import { LongreachError } from '@longreach/kit';
import { ControlErrorCode } from './errors.ts';

/** Limits of the guard. Every default is a number of SPEC.md. */
export type GuardProfile = {
  /** Silence after which the machine brakes, ms; a shorter time to live brakes earlier. Default 300. */
  silenceBrakeMs: number;
  /**
   * How long a drive order stays valid after braking is due, ms, so that the brake order is there before the
   * actuator gives up by itself (which is full brake, not graded). Default 10.
   */
  handoverMs: number;
  /** Silence after which standstill is ordered and re-arm needed, ms. Default 500. */
  silenceStopMs: number;
  /** Age of the loop at which the machine brakes, ms. Default 400. */
  loopAgeBrakeMs: number;
  /** Age of the loop at which standstill is ordered, and above which commands are refused, ms. Default 500. */
  loopAgeStopMs: number;
  /** How far in the future an echoed capture time may lie, ms. Default 50. */
  futureMs: number;
  /** Brake at the start of graded braking, 0 to 1; it rises to 1. Default 0.3. */
  brakeStart: number;
  /** Period of brake orders, ms. Default 20. */
  brakeRepeatMs: number;
  /** Longest validity of a brake order, ms. Default 100. */
  brakeValidMs: number;
  /** Period of standstill orders, ms. Default 100. */
  standstillRepeatMs: number;
  /** Validity of a standstill order, ms; when it ends the actuator is at standstill anyway. Default 300. */
  standstillValidMs: number;
};

/** The limits of a machine that sets none of its own. */
export const defaultGuardProfile: Readonly<GuardProfile> = Object.freeze({
  silenceBrakeMs: 300,
  handoverMs: 10,
  silenceStopMs: 500,
  loopAgeBrakeMs: 400,
  loopAgeStopMs: 500,
  futureMs: 50,
  brakeStart: 0.3,
  brakeRepeatMs: 20,
  brakeValidMs: 100,
  standstillRepeatMs: 100,
  standstillValidMs: 300,
});

/** The defaults with `overrides` put over them, frozen. Throws ProfileInvalid when they contradict each other. */
export function createGuardProfile(overrides: Partial<GuardProfile> = {}): Readonly<GuardProfile> {
  const profile = { ...defaultGuardProfile, ...overrides };
  for (const [name, value] of Object.entries(profile)) {
    if (!Number.isFinite(value) || value < 0) refuse(`${name} is no limit`);
  }
  if (profile.brakeRepeatMs === 0) refuse('brakeRepeatMs is 0');
  if (profile.standstillRepeatMs === 0) refuse('standstillRepeatMs is 0');
  if (profile.silenceBrakeMs >= profile.silenceStopMs) refuse('silenceBrakeMs >= silenceStopMs');
  if (profile.loopAgeBrakeMs >= profile.loopAgeStopMs) refuse('loopAgeBrakeMs >= loopAgeStopMs');
  if (profile.brakeStart > 1) refuse('brakeStart > 1');
  if (profile.brakeRepeatMs > profile.brakeValidMs) refuse('brakeRepeatMs > brakeValidMs');
  if (profile.standstillRepeatMs > profile.standstillValidMs) {
    refuse('standstillRepeatMs > standstillValidMs');
  }
  return Object.freeze(profile);
}

function refuse(problem: string): never {
  throw new LongreachError(ControlErrorCode.ProfileInvalid, 'the guard profile is invalid', {
    details: { problem },
  });
}
