import type { RoomState } from '@longreach/protocol';
import type { StateTable } from './state-track.ts';

const end = 'it was left, or the session ended for good';

/** Whether this remote device is in a machine's room. */
export const roomStates: StateTable<RoomState> = {
  unjoined: { joining: 'connect was called' },
  joining: {
    joined: 'the server let it in',
    unjoined: 'the server refused, the machine is offline, or it was left meanwhile',
  },
  joined: { joining: 'the link is back and the server had forgotten us', unjoined: end },
};
