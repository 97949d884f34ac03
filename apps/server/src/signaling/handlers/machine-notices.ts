import { type NoticeBody, noticeSchemas } from '@longreach/protocol';
import type { Rooms } from '../../rooms/rooms.ts';

type MachineNoticeName = 'leaseChanged' | 'streamRate' | 'gatewayStats';
type Handlers = {
  [Name in MachineNoticeName]: (rooms: Rooms, body: NoticeBody<Name>) => void;
};

const handlers: Handlers = {
  leaseChanged: (rooms, { deviceId, lease }) => rooms.handleLease(deviceId, lease),
  streamRate: (rooms, body) => rooms.handleStreamRate(body),
  gatewayStats: (rooms, body) => rooms.handleGatewayStats(body),
};

/** Whether the server acts upon this notice of a machine. */
export function isMachineNotice(event: string): event is MachineNoticeName {
  return Object.hasOwn(handlers, event);
}

/** Reads a machine's notice by its schema and does what it says; false when it is not usable. */
export function handleMachineNotice(
  rooms: Rooms,
  event: MachineNoticeName,
  body: unknown,
): boolean {
  const parsed = noticeSchemas[event].safeParse(body);
  if (!parsed.success) return false;
  // The table pairs each notice with its own body; the compiler cannot follow that through an index.
  const handle = handlers[event] as (rooms: Rooms, body: unknown) => void;
  handle(rooms, parsed.data);
  return true;
}
