import type { SessionInfo } from '../rooms/session.ts';
import type { SessionEndReason, Sessions } from '../rooms/sessions.ts';

type Role = SessionInfo['role'];

/** How many sessions opened, were resumed and ended since this process started. */
export class SessionTally {
  readonly opened: Record<Role, number> = { field: 0, remote: 0 };
  readonly resumed: Record<Role, number> = { field: 0, remote: 0 };
  readonly ended: Record<SessionEndReason, number> = {
    ...{ loggedOut: 0, replaced: 0, silent: 0, serverClosing: 0 },
  };

  constructor(sessions: Sessions) {
    sessions.on('opened', ({ info }) => {
      this.opened[info.role] += 1;
    });
    sessions.on('resumed', ({ info }) => {
      this.resumed[info.role] += 1;
    });
    sessions.on('ended', ({ reason }) => {
      this.ended[reason] += 1;
    });
  }
}
