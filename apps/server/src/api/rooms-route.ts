import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import type { FastifyInstance } from 'fastify';
import type { PlacedLoad } from '../media/workers-port.ts';
import type { KeptGatewayStats } from '../rooms/gateway-stats-keeper.ts';
import type { ApiServices } from './api-services.ts';

/** GET /api/rooms: open rooms with their counters and the workers they live on, for who shows a login token as bearer. */
export function addRooms(
  app: FastifyInstance,
  { accounts, clock, rooms, workers }: ApiServices,
): void {
  app.get('/api/rooms', async (request, reply) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || (await accounts.verifyLoginToken(token)) === undefined) {
      throw new LongreachError(NetworkErrorCode.InvalidUserSignature, 'a login token is needed');
    }
    reply.header('cache-control', 'no-store');
    const stats = new Map(workers.stats().map((room) => [room.roomId, room]));
    return {
      rooms: rooms.all().map((room) => ({
        roomId: room.roomId,
        machine: room.machine.state,
        streams: room.machine.streams.length,
        remotes: room.memberIds(),
        masterId: room.leaseFor(room.roomId).masterId,
        stats: stats.get(room.roomId) ?? null,
        gateway: describeGateway(room.gatewayStats, clock.nowUs()),
      })),
      workers: workers.loads().map(loadOf),
    };
  });
}

/** Without the sums since its start, which are for the metrics. */
function loadOf(load: PlacedLoad) {
  const { pid, roomIds, eventLoopDelayP99Ms, cpuShare, forwardDelayP99Ms } = load;
  return { pid, roomIds, eventLoopDelayP99Ms, cpuShare, forwardDelayP99Ms };
}

/** The machine's newest report on itself, and how old it is. */
function describeGateway(kept: KeptGatewayStats | undefined, nowUs: number) {
  if (!kept) return null;
  return { ageMs: Math.round((nowUs - kept.receivedUs) / 1000), stats: kept.stats };
}
