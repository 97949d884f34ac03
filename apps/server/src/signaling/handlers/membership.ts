import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import { assertRemote, assertRoom, type Handler } from './handler.ts';

/** Enters a machine's room; an offline machine's too, to wait for it. */
export const handleJoin: Handler<'join'> = (context, { deviceId }) => {
  const { session, services } = context;
  if (session.deviceId === deviceId) {
    throw new LongreachError(NetworkErrorCode.UserRepeatedJoin, 'a machine is in its own room');
  }
  assertRemote(context, 'join');
  const room = services.rooms.join(session, deviceId);
  session.log.info({ roomId: deviceId }, 'joined');
  return {
    roomId: room.roomId,
    online: room.machine.state !== 'offline',
    streams: room.machine.streams,
    lease: room.leaseFor(session.deviceId),
    iceServers: services.config.media.iceServers,
  };
};

/** Leaves a room for good. */
export const handleLeave: Handler<'leave'> = (context, { deviceId }) => {
  assertRemote(context, 'leave');
  assertRoom(context, deviceId);
  context.services.rooms.leave(context.session, deviceId);
  context.session.log.info({ roomId: deviceId }, 'left');
  return undefined;
};
