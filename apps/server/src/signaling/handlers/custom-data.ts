import { LongreachError } from '@longreach/kit';
import { type DeviceId, NetworkErrorCode } from '@longreach/protocol';
import type { Room } from '../../rooms/room.ts';
import type { Session } from '../../rooms/session.ts';
import { assertRoom, type Handler, type HandlerContext } from './handler.ts';

/** Passes opaque text on: to `to`, else from a remote device to its machine, from a machine to everybody. */
export const handleCustomData: Handler<'customData'> = (context, { deviceId, to, data }) => {
  const room = assertRoom(context, deviceId);
  const from = context.session.deviceId;
  for (const receiver of receiversOf(context, room, to)) {
    receiver.notify('customData', { deviceId, from, data });
  }
  return undefined;
};

function receiversOf(context: HandlerContext, room: Room, to: DeviceId | undefined): Session[] {
  const { session, services } = context;
  if (to === undefined && session.info.role === 'field') {
    return room.memberIds().flatMap((id) => services.sessions.findByDevice(id) ?? []);
  }
  const id = to ?? room.roomId;
  const receiver =
    id === room.roomId || room.hasMember(id) ? services.sessions.findByDevice(id) : undefined;
  if (receiver?.link === undefined) {
    throw new LongreachError(
      NetworkErrorCode.SourceUserNotExist,
      'the receiver is not reachable in this room now',
      { retryable: true },
    );
  }
  return [receiver];
}
