import type { SignalingState } from '@longreach/protocol';
import type { StateTable } from './state-track.ts';

const end = 'logged out, kicked out, or the secret is no longer good';
const failed = 'the server cannot be reached, or does not let us in';
const left = 'the room was left, or could not be joined';

/** The link to the server, told with an empty room id. */
export const linkStates: StateTable<LinkSignalingState> = {
  new: { connecting: 'login was called' },
  connecting: { connected: 'the server let us in', disconnected: failed, closed: end },
  connected: {
    disconnected: 'the link broke, or the server has been silent for half a second',
    closed: end,
  },
  disconnected: {
    connected: 'the server was heard again over the same link',
    connecting: 'login was called again',
    reconnecting: 'the next attempt begins',
    closed: end,
  },
  reconnecting: {
    connected: 'the session goes on, or a new one began',
    reconnecting: 'that attempt failed and the next one begins',
    closed: end,
  },
  closed: { connecting: 'login was called again' },
};

/** What the link itself can be; scheduling belongs to a room. */
export type LinkSignalingState = Exclude<SignalingState, 'scheduling' | 'scheduled'>;

/** Signaling of one room, told with its room id (the machine's device id). */
export const roomSignalingStates: StateTable<RoomSignalingState> = {
  new: { scheduling: 'the server is asked which node serves the room', closed: left },
  scheduling: { scheduled: 'the node is known', disconnected: 'the link is lost', closed: left },
  scheduled: { connected: 'the room is joined', disconnected: 'the link is lost', closed: left },
  connected: { disconnected: 'the link is lost, or suspect', closed: left },
  disconnected: {
    connected: 'the link is back, and the server kept us in the room',
    reconnecting: 'the link is being made anew',
    scheduling: 'the link is back, and the room is joined again',
    closed: left,
  },
  reconnecting: {
    connected: 'the link is back, and the server kept us in the room',
    disconnected: 'the attempt failed',
    scheduling: 'the link is back, and the room is joined again',
    closed: left,
  },
  closed: {},
};

/** What signaling of a room can be; opening the link belongs to the link. */
export type RoomSignalingState = Exclude<SignalingState, 'connecting'>;
