import type {
  DeviceId,
  MachineRequestBody,
  NoticeBody,
  NoticeName,
  StreamInfo,
} from '@longreach/protocol';
import type { RoomMessage } from '../media/workers-port.ts';

/** A notice to one participant. */
export type NoticeOutput = {
  [Name in NoticeName]: { type: 'notify'; to: DeviceId; event: Name; body: NoticeBody<Name> };
}[NoticeName];

/** What a room wants done; the edge does it, in this order. */
export type RoomOutput =
  | NoticeOutput
  | { type: 'ask'; verb: 'invite'; body: MachineRequestBody<'invite'> }
  | { type: 'ask'; verb: 'remoteLeft'; body: MachineRequestBody<'remoteLeft'> }
  | { type: 'worker'; message: RoomMessage }
  /** The fleet list shows something else from now on. */
  | { type: 'gatewayChanged' }
  /** Tracks that somebody may wait for were published. */
  | { type: 'published' };

/** The machine of a room, by what is known of its link. */
export type MachineState = {
  state: 'online' | 'suspect' | 'offline';
  /** As of its newest login; kept while it is offline. */
  streams: StreamInfo[];
};
