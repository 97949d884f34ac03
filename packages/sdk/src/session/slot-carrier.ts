import type { MediaConnection } from '../media/media-connection.ts';
import type { TrackConnection } from '../media/track-connection.ts';

/** A connection that pictures come over: one for all slots of a session, or one for each. */
export type SlotCarrier = MediaConnection | TrackConnection;
