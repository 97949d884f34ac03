import { randomUUID } from 'node:crypto';
import { LongreachError } from '@longreach/kit';
import {
  type DeviceId,
  NetworkErrorCode,
  type ReplyBody,
  type RequestBody,
} from '@longreach/protocol';
import type { Session, SessionInfo } from '../rooms/session.ts';
import type { Link } from './link.ts';
import type { Services } from './services.ts';

/** The connection behind a login: whether it is still waiting, and how it takes the session and sends the reply. */
export type LoginOutcome = {
  isOpen: () => boolean;
  accept: (session: Session, reply: ReplyBody<'login'> | ReplyBody<'resume'>) => void;
};

/** Opens a session for who shows the right secret. Rejects with the code to answer. */
export async function openSession(
  services: Services,
  link: Link,
  body: RequestBody<'login'>,
  outcome: LoginOutcome,
): Promise<void> {
  const { accounts, sessions, rooms, config } = services;
  const { role, deviceId, secret } = body;
  assertOwner(link, deviceId);
  await accounts.assertCredentials({ role, deviceId, secret, address: link.address });
  const info = sessionInfoOf(services, body);
  const id = randomUUID();
  const resumeToken = await accounts.signResume({ sessionId: id, generation: 1 });
  // From here to the announcement nothing is awaited: nothing may come between.
  if (!outcome.isOpen()) return;
  if (role === 'field') rooms.assertRoomFor(deviceId);
  const session = sessions.login(link, id, info, body.forceLogin);
  outcome.accept(session, { resumeToken, heartbeatMs: config.timings.heartbeatMs });
  sessions.announceOpened(session);
}

/** Continues a session on this link. Rejects with the code to answer; UserNotJoined means: log in anew. */
export async function resumeSession(
  services: Services,
  link: Link,
  body: RequestBody<'resume'>,
  outcome: LoginOutcome,
): Promise<void> {
  const { accounts, sessions, config } = services;
  const { sessionId, generation } = await accounts.assertResume(body.resumeToken, link.address);
  assertOwner(link, sessions.find(sessionId)?.deviceId);
  const next = { sessionId, generation: generation + 1 };
  const resumeToken = await accounts.signResume(next);
  if (!outcome.isOpen()) return;
  const session = sessions.resume(link, sessionId, generation);
  const { heartbeatMs } = config.timings;
  outcome.accept(session, { resumeToken, heartbeatMs, rooms: [...session.rooms] });
  sessions.announceResumed(session);
}

/** A link whose transport has authenticated a device is that device's. */
function assertOwner(link: Link, deviceId: DeviceId | undefined): void {
  if (link.deviceId === undefined || deviceId === undefined || link.deviceId === deviceId) return;
  throw new LongreachError(
    NetworkErrorCode.InvalidParameters,
    'this link belongs to another device',
  );
}

function sessionInfoOf({ accounts }: Services, body: RequestBody<'login'>): SessionInfo {
  const { role, deviceId, version } = body;
  const streams = body.streams ?? [];
  if (role === 'remote' && body.streams !== undefined) {
    throw new LongreachError(
      NetworkErrorCode.InvalidParameters,
      'body.streams: for field devices only',
    );
  }
  if (new Set(streams.map((stream) => stream.streamId)).size !== streams.length) {
    throw new LongreachError(
      NetworkErrorCode.InvalidParameters,
      'body.streams: a streamId is listed twice',
    );
  }
  const configured = accounts.devices.find(deviceId);
  return {
    role,
    deviceId,
    deviceName: body.deviceName ?? configured?.deviceName ?? deviceId,
    deviceType:
      body.deviceType ?? configured?.deviceType ?? (role === 'field' ? 'machine' : 'browser'),
    version,
    streams,
  };
}
