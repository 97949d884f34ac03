import type { Command, GuardMode, RefusalCode } from '@longreach/protocol';
import type { ReleasedOrder } from './released-order.ts';

/** Why the guard changed its mode. */
export type ModeReason =
  | 'rearmed'
  | 'fresh'
  | 'silence'
  | 'loopAge'
  | 'emergencyStop'
  | 'leaseEnded'
  | 'actuatorLost';

/** What the guard wants done, in this order. */
export type GuardOutput =
  /** To every actuator, at once. */
  | { type: 'ordered'; order: ReleasedOrder }
  | { type: 'modeChanged'; mode: GuardMode; reason: ModeReason }
  /** `kind` and `sequence` are absent for bytes that are no command. */
  | { type: 'refused'; code: RefusalCode; kind?: Command['kind']; sequence?: number };
