import type { Clock } from '@longreach/kit';
import type { Accounts } from '../accounts/accounts.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { MediaWorkers } from '../media/workers-port.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import type { Rooms } from '../rooms/rooms.ts';

/** What the HTTP side works with. */
export type ApiServices = {
  config: ServerConfig;
  accounts: Accounts;
  clock: Clock;
  rooms: Rooms;
  workers: MediaWorkers;
  /** Undefined when the configuration says nothing of metrics. */
  metrics: ServerMetrics | undefined;
};
