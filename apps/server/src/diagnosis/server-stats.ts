import { limits, type ServerStats, type ServerStreamStats } from '@longreach/protocol';
import type { RoomStats, UplinkStats, WorkerLoad } from '../media/worker-channel.ts';

/** What a worker said of one room, and when, µs. */
export type RoomWord = { stats: RoomStats; load: WorkerLoad; atUs: number };

/** Connections of one viewer that are told of. */
const maxConnections = 64;

/** What one remote device is told of the time between two words of its room's worker. Pure. */
export function serverStatsFor(peerId: string, before: RoomWord, now: RoomWord): ServerStats {
  const seconds = Math.max(0.001, (now.atUs - before.atUs) / 1_000_000);
  const { eventLoopDelayP99Ms, forwardDelayP99Ms, cpuShare } = now.load;
  const commands = commandsOf(peerId, now.stats);
  const earlier = commandsOf(peerId, before.stats);
  return {
    periodMs: Math.round(seconds * 1000),
    streams: streamsOf(before.stats, now.stats, seconds),
    worker: {
      eventLoopDelayP99Ms,
      ...(forwardDelayP99Ms === undefined ? {} : { forwardDelayP99Ms }),
      cpuCores: Math.max(0, cpuShare),
    },
    connections: connectionsOf(peerId, now.stats),
    commandsPassed: since(earlier.passed, commands.passed),
    commandsRefused: since(earlier.refused, commands.refused),
  };
}

function streamsOf(before: RoomStats, now: RoomStats, seconds: number): ServerStreamStats[] {
  return videoTracks(now)
    .slice(0, limits.streamsPerDevice)
    .map((track) => {
      const earlier = videoTracks(before).find(({ streamId }) => streamId === track.streamId);
      // A publisher that began anew counts from nothing.
      const isNew = !earlier || earlier.mediaPackets > track.mediaPackets;
      const grown = (name: CountName) => since(isNew ? 0 : earlier[name], track[name]);
      return {
        streamId: track.streamId,
        fps: Math.min(1000, grown('pictures') / seconds),
        bitrateBps: track.bitrateBps,
        packetsReceived: grown('mediaPackets'),
        packetsLost: grown('lost'),
        packetsRecovered: grown('recovered'),
        packetsGivenUp: grown('givenUp'),
      };
    });
}

type CountName = 'pictures' | 'mediaPackets' | 'lost' | 'recovered' | 'givenUp';

function videoTracks({ uplinks }: RoomStats): UplinkStats[] {
  return uplinks.filter(({ mediaType, encoding }) => mediaType === 'video' && encoding === 'main');
}

function connectionsOf(peerId: string, { downlinks }: RoomStats): ServerStats['connections'] {
  return downlinks
    .filter((downlink) => downlink.peerId === peerId)
    .slice(-maxConnections)
    .map(({ connectionId, encoding, estimate }) => {
      if (!estimate) return { connectionId, encoding };
      const { targetBps, lossShare, roundTripMs, queueDelayMs } = estimate;
      return {
        ...{ connectionId, encoding, estimateBps: targetBps },
        lossShare: Math.min(1, Math.max(0, lossShare)),
        ...{ roundTripMs, queueDelayMs },
      };
    });
}

function commandsOf(peerId: string, { commands }: RoomStats) {
  return commands.find((one) => one.peerId === peerId) ?? { passed: 0, refused: 0 };
}

/** What was only late is taken back from the lost: a count may fall by that. */
function since(before: number, now: number): number {
  return Math.max(0, now - before);
}
