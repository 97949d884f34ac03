export { ControlErrorCode } from './errors.ts';
export { Guard, type GuardCounters, type GuardOptions } from './guard.ts';
export type { GuardOutput, ModeReason } from './guard-output.ts';
export { createGuardProfile, defaultGuardProfile, type GuardProfile } from './guard-profile.ts';
export {
  type LeaseAnswer,
  type LeaseState,
  MasterLease,
  type MasterLeaseOptions,
} from './lease.ts';
export type { ReleasedOrder, ReleasedOrderMode } from './released-order.ts';
