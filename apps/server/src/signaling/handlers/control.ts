import { LongreachError } from '@longreach/kit';
import { type DeviceId, NetworkErrorCode, replySchemas } from '@longreach/protocol';
import type { Session } from '../../rooms/session.ts';
import {
  assertAccepted,
  assertMachine,
  assertRemote,
  assertRoom,
  type Handler,
  type HandlerContext,
  type SessionVerb,
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
  const { deviceId, ...parameters } = body;
  const machine = assertMaster(context, 'setEncodeParameters', deviceId, parameters.streamId);
  assertAccepted(await machine.ask('setEncodeParameters', parameters));
  return undefined;
};

/** Names the stream that the master drives by; the machine keeps its quality longest. */
export const handleSetMainStream: Handler<'setMainStream'> = async (context, body) => {
  const { deviceId, streamId } = body;
  const machine = assertMaster(context, 'setMainStream', deviceId, streamId);
  assertAccepted(await machine.ask('setMainStream', { streamId }));
  return undefined;
};

/** The machine, for its master and one of its streams. Throws InvalidParameters or StreamNotFound. */
function assertMaster(
  context: HandlerContext,
  verb: SessionVerb,
  deviceId: DeviceId,
  streamId: number,
): Session {
  assertRemote(context, verb);
  const room = assertRoom(context, deviceId);
  const machine = assertMachine(context, room);
  if (!room.isMaster(context.session.deviceId)) {
    throw new LongreachError(
      NetworkErrorCode.InvalidParameters,
      `only the master may ask for ${verb}`,
    );
  }
  if (room.machine.streams.some((stream) => stream.streamId === streamId)) return machine;
  throw new LongreachError(
    NetworkErrorCode.StreamNotFound,
    `the machine has no stream ${streamId}`,
  );
}
