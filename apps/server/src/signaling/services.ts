import type { Clock } from '@longreach/kit';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { MediaWorkers } from '../media/workers-port.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Sessions } from '../rooms/sessions.ts';

/** What signaling works with. */
export type Services = {
  config: ServerConfig;
  clock: Clock;
  accounts: Accounts;
  sessions: Sessions;
  rooms: Rooms;
  workers: MediaWorkers;
  log: Logger;
};
