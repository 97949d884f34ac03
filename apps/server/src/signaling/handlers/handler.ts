import { LongreachError } from '@longreach/kit';
import {
  type DeviceId,
  NetworkErrorCode,
  type ReplyBody,
  type ReplyEnvelope,
  type RequestBody,
  type RequestVerb,
  type replySchemas,
} from '@longreach/protocol';
import type { Room } from '../../rooms/room.ts';
import type { Session } from '../../rooms/session.ts';
import type { Services } from '../services.ts';

/** Verbs of a link that has logged in. */
export type SessionVerb = Exclude<RequestVerb, 'login' | 'resume'>;

/** Who asks, and what there is to work with. */
export type HandlerContext = { session: Session; services: Services };

/** Body of a verb's successful reply; undefined when it has none. */
export type ReplyOf<Verb extends RequestVerb> = Verb extends keyof typeof replySchemas
  ? ReplyBody<Verb>
  : undefined;

/** Carries out one verb. Throws (or rejects with) a LongreachError, whose code and message become the reply. */
export type Handler<Verb extends RequestVerb> = (
  context: HandlerContext,
  body: RequestBody<Verb>,
) => ReplyOf<Verb> | Promise<ReplyOf<Verb>>;

/** The room that a verb is about. Throws UserNotJoined when this session is not in it. */
export function assertRoom({ session, services }: HandlerContext, roomId: DeviceId): Room {
  const isIn =
    session.info.role === 'field' ? session.deviceId === roomId : session.rooms.has(roomId);
  const room = isIn ? services.rooms.find(roomId) : undefined;
  if (room === undefined) {
    throw new LongreachError(NetworkErrorCode.UserNotJoined, 'not in the room of this device');
  }
  return room;
}

/** Throws InvalidParameters when a field device asks for what only remote devices do. */
export function assertRemote({ session }: HandlerContext, verb: SessionVerb): void {
  if (session.info.role === 'remote') return;
  throw new LongreachError(
    NetworkErrorCode.InvalidParameters,
    `${verb} is for remote devices only`,
  );
}

/** The session of a room's machine. Throws SourceUserNotExist when it is offline. */
export function assertMachine({ services }: HandlerContext, room: Room): Session {
  const machine = services.sessions.findByDevice(room.roomId);
  if (machine !== undefined && room.machine.state !== 'offline') return machine;
  throw new LongreachError(NetworkErrorCode.SourceUserNotExist, 'the field device is offline', {
    retryable: true,
  });
}

/** Passes a machine's refusal on to whom it concerns. */
export function assertAccepted(reply: ReplyEnvelope): void {
  if (reply.code !== NetworkErrorCode.Success) throw new LongreachError(reply.code, reply.message);
}
