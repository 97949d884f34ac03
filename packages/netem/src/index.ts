export type { PathCounts } from './path-counters.ts';
export {
  createRelay,
  type Direction,
  type Relay,
  type RelayCounters,
  type RelayOptions,
} from './relay.ts';
export type { Endpoint } from './udp-socket.ts';
