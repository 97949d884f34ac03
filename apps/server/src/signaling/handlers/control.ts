import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode, replySchemas } from '@longreach/protocol';
import {
  assertAccepted,
  assertMachine,
  assertRemote,
  assertRoom,
  type Handler,
} from './handler.ts';

/** Asks the machine for the master lease, or gives it back. The worker knows the decision before the asker does. */
export const handlePermission: Handler<'permission'> = async (context, body) => {
  assertRemote(context, 'permission');
  const { session, services } = context;
  const room = assertRoom(context, body.deviceId);
  const machine = assertMachine(context, room);
  const { permission } = body;
  const reply = await machine.ask('permission', { remoteId: session.deviceId, permission });
  assertAccepted(reply);
  const decision = replySchemas.permission.safeParse(reply.body);
  if (!decision.success) {
    machine.log.warn('the machine decided in a form that cannot be read');
    throw new LongreachError(NetworkErrorCode.UnknownError, 'the machine gave no clear decision');
  }
  services.rooms.handleLease(room.roomId, decision.data.lease);
  const lease = room.leaseFor(session.deviceId);
  session.log.info(
    { roomId: room.roomId, permission, epoch: lease.epoch, masterId: lease.masterId },
    'permission decided',
  );
  return { lease };
};

/** Stops the machine; anybody in its room may. */
export const handleEmergencyStop: Handler<'emergencyStop'> = async (context, { deviceId }) => {
  const room = assertRoom(context, deviceId);
  const machine = assertMachine(context, room);
  context.session.log.warn({ roomId: deviceId }, 'emergency stop asked');
  assertAccepted(await machine.ask('emergencyStop', { remoteId: context.session.deviceId }));
  return undefined;
};

/** Changes a running encoder; the master only, since it changes what everybody sees. */
export const handleSetEncodeParameters: Handler<'setEncodeParameters'> = async (context, body) => {
  assertRemote(context, 'setEncodeParameters');
  const { deviceId, ...parameters } = body;
  const room = assertRoom(context, deviceId);
  const machine = assertMachine(context, room);
  if (!room.isMaster(context.session.deviceId)) {
    throw new LongreachError(
      NetworkErrorCode.InvalidParameters,
      'only the master may set encode parameters',
    );
  }
  if (!room.machine.streams.some((stream) => stream.streamId === parameters.streamId)) {
    throw new LongreachError(
      NetworkErrorCode.StreamNotFound,
      `the machine has no stream ${parameters.streamId}`,
    );
  }
  assertAccepted(await machine.ask('setEncodeParameters', parameters));
  return undefined;
};
