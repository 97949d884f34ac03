import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode, type RequestBody, type Slot } from '@longreach/protocol';
import type { ConnectionKey, MediaWorkers } from '../../media/workers-port.ts';
import type { Room } from '../../rooms/room.ts';
import {
  assertMachine,
  assertRemote,
  assertRoom,
  type Handler,
  type HandlerContext,
} from './handler.ts';
import { assertTracks, waitForTracks } from './tracks.ts';

/** Opens or replaces a peer connection; a machine publishes, a remote device watches. */
export const handleOffer: Handler<'offer'> = async (context, body) => {
  const { session, services } = context;
  const room = assertRoom(context, body.deviceId);
  assertMachine(context, room);
  assertTracks(room.machine.streams, body.slots);
  assertRoleOf(context, body);
  assertConnectionLimit(context, room, body.connectionId);
  const { role } = session.info;
  if (role === 'remote') {
    await waitForTracks(services.rooms, room, body.slots, services.config.timings.trackWaitMs);
    assertRoom(context, body.deviceId);
  }
  const key = keyOf(context, body);
  const failure = watchFailure(services.workers, key);
  const sdp = await services.workers
    .offer({
      ...key,
      role,
      sdp: body.sdp,
      slots: body.slots,
      ...(body.datagram === undefined ? {} : { datagram: body.datagram }),
    })
    .finally(failure.stop);
  if (services.rooms.find(room.roomId) !== room || !isStillHere(context, room)) {
    // The peer left while the worker answered: its connection must not stay behind.
    services.workers.send({ type: 'closeConnection', ...key });
    throw new LongreachError(NetworkErrorCode.UserNotJoined, 'left the room meanwhile');
  }
  services.rooms.apply(
    room,
    room.handleConnectionOpened(session.deviceId, body.connectionId, body.slots),
  );
  if (failure.hasFailed()) {
    // After the reply: nobody can lose a connection that was not answered yet.
    setImmediate(() => {
      const { peerId, connectionId } = key;
      services.rooms.apply(room, room.handleConnectionEnded(peerId, connectionId, 'failed'));
    });
  }
  session.log.info({ roomId: room.roomId, connectionId: body.connectionId }, 'connection opened');
  return { sdp };
};

/** Closes a peer connection; one that is closed already is a success. */
export const handleCloseConnection: Handler<'closeConnection'> = (context, body) => {
  const room = assertRoom(context, body.deviceId);
  const { session, services } = context;
  services.rooms.apply(room, room.handleConnectionClosed(session.deviceId, body.connectionId));
  return undefined;
};

/** Sets what a slot shows. */
export const handleSubscribe: Handler<'subscribe'> = async (context, body) => {
  assertRemote(context, 'subscribe');
  const room = assertRoom(context, body.deviceId);
  assertMachine(context, room);
  const { mid, streamId, mediaType } = body;
  assertMainEncoding([body]);
  const slot = { mid, streamId, mediaType };
  assertTracks(room.machine.streams, [slot]);
  assertConnection(context, room, body.connectionId);
  const { rooms, workers, config } = context.services;
  await waitForTracks(rooms, room, [slot], config.timings.trackWaitMs);
  assertRoom(context, body.deviceId);
  await workers.subscribe({ ...keyOf(context, body), slot });
  return undefined;
};

/** Lets a slot show nothing. */
export const handleUnsubscribe: Handler<'unsubscribe'> = async (context, body) => {
  assertRemote(context, 'unsubscribe');
  const room = assertRoom(context, body.deviceId);
  assertConnection(context, room, body.connectionId);
  await context.services.workers.unsubscribe({ ...keyOf(context, body), mid: body.mid });
  return undefined;
};

/** Throws InvalidParameters for what only the other side may offer. */
function assertRoleOf({ session }: HandlerContext, body: RequestBody<'offer'>): void {
  if (session.info.role === 'remote') {
    assertMainEncoding(body.slots);
    return;
  }
  // A machine's carries messages alone.
  if ((body.datagram?.slots.length ?? 0) === 0) return;
  throw new LongreachError(
    NetworkErrorCode.InvalidParameters,
    'body.datagram.slots: for remote devices only',
  );
}

/** Which encoding a viewer gets is the media worker's to decide, by its link. */
function assertMainEncoding(slots: Array<Pick<Slot, 'encoding'>>): void {
  if (slots.every((slot) => slot.encoding !== 'small')) return;
  throw new LongreachError(
    NetworkErrorCode.InvalidParameters,
    'encoding: a viewer does not choose it',
  );
}

/** Notes a failure that the worker reports in one breath with its answer, before the connection is in the room. */
function watchFailure(workers: MediaWorkers, key: ConnectionKey) {
  let hasFailed = false;
  const stop = workers.on('connectionEnded', ({ roomId, peerId, connectionId, reason }) => {
    const isThis =
      roomId === key.roomId && peerId === key.peerId && connectionId === key.connectionId;
    if (isThis && reason === 'failed') hasFailed = true;
  });
  return { stop, hasFailed: () => hasFailed };
}

function keyOf(
  { session }: HandlerContext,
  body: Pick<RequestBody<'offer'>, 'deviceId' | 'connectionId'>,
): ConnectionKey {
  return { roomId: body.deviceId, peerId: session.deviceId, connectionId: body.connectionId };
}

function isStillHere({ session, services }: HandlerContext, room: Room): boolean {
  if (services.sessions.findByDevice(session.deviceId) !== session) return false;
  return session.info.role === 'field' || session.rooms.has(room.roomId);
}

function assertConnection({ session }: HandlerContext, room: Room, connectionId: string): void {
  if (room.hasConnection(session.deviceId, connectionId)) return;
  throw new LongreachError(NetworkErrorCode.InvalidParameters, 'no such connection');
}

function assertConnectionLimit(
  { session, services }: HandlerContext,
  room: Room,
  connectionId: string,
): void {
  if (room.hasConnection(session.deviceId, connectionId)) return;
  const { connectionsPerMember } = services.config.limits;
  if (room.connectionCountOf(session.deviceId) < connectionsPerMember) return;
  throw new LongreachError(NetworkErrorCode.ServerOverload, 'too many connections in this room');
}
