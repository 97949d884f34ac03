import type { ConnectionState } from '@longreach/protocol';
import type { StateTable } from './state-track.ts';

/** A peer connection's states as they are told: those of the contract, and its end. */
export type ToldConnectionState = ConnectionState | 'closed';

const lost = 'the browser found no way for long, or the handshake failed';
const left = 'the session was left';
const replacing = 'it is replaced by a new connection';
const exceeded = 'the browser refused another peer connection; tried again later';

/** How the state of a media path changes; in `server2` of each track's. */
export const connectionStates: StateTable<ToldConnectionState> = {
  new: {
    connecting: 'the server answered and the browser looks for a way',
    connected: 'the way was found before the browser told that it looks',
    failed: 'the first attempt failed',
    limit_exceeded: exceeded,
    not_support: 'the browser has no WebRTC',
    reconnecting: 'the server dropped it meanwhile',
    closed: left,
  },
  connecting: {
    connected: 'packets can flow',
    failed: 'the first attempt failed',
    reconnecting: 'the server dropped it meanwhile',
    closed: left,
  },
  connected: {
    disconnected: 'nothing came for seconds; it may heal by itself',
    failed: lost,
    reconnecting: replacing,
    limit_exceeded: exceeded,
    closed: left,
  },
  disconnected: {
    connected: 'it healed by itself',
    failed: lost,
    reconnecting: replacing,
    limit_exceeded: exceeded,
    closed: left,
  },
  reconnecting: {
    connected: 'the new connection carries everything',
    disconnected: 'the present one stopped meanwhile',
    failed: lost,
    limit_exceeded: exceeded,
    closed: left,
  },
  failed: {
    reconnecting: replacing,
    connected: 'a new connection carries everything',
    limit_exceeded: exceeded,
    closed: left,
  },
  limit_exceeded: {
    reconnecting: 'tried again',
    connected: 'a connection could be made',
    disconnected: 'the present one stopped meanwhile',
    failed: lost,
    closed: left,
  },
  not_support: { closed: left },
  closed: {},
};
