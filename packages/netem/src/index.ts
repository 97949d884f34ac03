export type { LinkDropCause } from './link-model.ts';
export type {
  JitterSettings,
  LegSettings,
  LinkSettings,
  LossSettings,
  OutageSettings,
  QueueSettings,
  RateStep,
} from './link-settings.ts';
export { type NetemProcess, startNetemProcess } from './netem-process.ts';
export type { DropCause, PathCounts } from './path-counters.ts';
export {
  isProfileName,
  type MediaDirection,
  type ProfileName,
  type ProfileOptions,
  profileNames,
  profileOf,
} from './profiles.ts';
export {
  createRelay,
  type Direction,
  type Relay,
  type RelayCounters,
  type RelayOptions,
} from './relay.ts';
export { parseTrace, type TraceLine } from './trace.ts';
export {
  encodeShippedTrace,
  type ShippedTraceName,
  shippedTraceNames,
} from './trace-generator.ts';
export type { Endpoint } from './udp-socket.ts';
