import { type ConnectionState, PeerConnectionCode } from '@longreach/protocol';
import type { PeerConnectionStateEvent } from '../api.ts';

/** The public event for a state of a machine's media path. */
export function connectionEvent(
  deviceId: string,
  state: ConnectionState | 'closed',
  message = '',
): PeerConnectionStateEvent {
  return { deviceId, state, code: PeerConnectionCode[state], message, data: {} };
}
