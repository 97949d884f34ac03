import { type ConnectionState, type MediaType, PeerConnectionCode } from '@longreach/protocol';
import type { PeerConnectionStateEvent } from '../api.ts';

/** The public event for a state of a machine's media path; `track`: of a connection that carries one alone. */
export function connectionEvent(
  deviceId: string,
  state: ConnectionState | 'closed',
  message = '',
  track: { streamId?: number; mediaType?: MediaType } = {},
): PeerConnectionStateEvent {
  return { deviceId, ...track, state, code: PeerConnectionCode[state], message, data: {} };
}
