import { serverStatsSchema } from '@longreach/protocol';
import { expect, test } from 'vitest';
import { noDelays } from '../media/delay-histogram.ts';
import { noCounters } from '../media/room-counters.ts';
import type { RoomStats, UplinkStats } from '../media/worker-channel.ts';
import { type RoomWord, serverStatsFor } from './server-stats.ts';

function uplink(more: Partial<UplinkStats>): UplinkStats {
  return {
    ...{ streamId: 0, mediaType: 'video', encoding: 'main', bitrateBps: 2_000_000 },
    ...{ mediaBytes: 0, parityBytes: 0, repeatBytes: 0, mediaPackets: 0, pictures: 0 },
    ...{ lost: 0, recovered: 0, requested: 0, givenUp: 0, duplicates: 0 },
    ...more,
  };
}

function word(atS: number, more: Partial<RoomStats>): RoomWord {
  const stats = { roomId: 'truck', ...noCounters(), uplinks: [], downlinks: [], commands: [] };
  const delays = { eventLoopDelay: noDelays(), forwardDelay: noDelays() };
  const load = { pid: 7, eventLoopDelayP99Ms: 1.5, cpuShare: 0.2, cpuUs: 0, ...delays };
  return { stats: { ...stats, ...more }, load, atUs: atS * 1_000_000 };
}

test('a stream is told by what came in the period', () => {
  const before = uplink({ mediaPackets: 1000, pictures: 300, lost: 50, recovered: 40, givenUp: 1 });
  const now = uplink({ mediaPackets: 1400, pictures: 360, lost: 62, recovered: 50, givenUp: 3 });
  const small = uplink({ encoding: 'small', pictures: 9 });
  const stats = serverStatsFor(
    'op1',
    word(10, { uplinks: [before] }),
    word(12, { uplinks: [now, small, uplink({ mediaType: 'audio' })] }),
  );
  expect(stats.streams).toEqual([
    {
      ...{ streamId: 0, fps: 30, bitrateBps: 2_000_000, packetsReceived: 400 },
      ...{ packetsLost: 12, packetsRecovered: 10, packetsGivenUp: 2 },
    },
  ]);
  expect(stats.periodMs).toBe(2000);
  expect(() => serverStatsSchema.parse(stats)).not.toThrow();
});

test('a machine that began anew counts from nothing, and a late packet that was taken back is no negative loss', () => {
  const before = uplink({ mediaPackets: 1000, pictures: 300, lost: 50 });
  const anew = uplink({ mediaPackets: 40, pictures: 6, lost: 2 });
  const after = (now: UplinkStats) =>
    serverStatsFor('op1', word(0, { uplinks: [before] }), word(2, { uplinks: [now] })).streams[0];
  expect(after(anew)).toMatchObject({ fps: 3, packetsReceived: 40, packetsLost: 2 });
  const late = uplink({ mediaPackets: 1001, pictures: 301, lost: 49 });
  expect(after(late)).toMatchObject({ packetsReceived: 1, packetsLost: 0 });
});

test('each is told of its own connections and commands alone', () => {
  const downlink = (peerId: string, connectionId: string) => ({
    ...{ peerId, connectionId, encoding: 'main' as const },
    ...{ mediaBytes: 0, audioBytes: 0, parityBytes: 0, repeatBytes: 0, probeBytes: 0 },
  });
  const estimate = { targetBps: 1e6, lossShare: 0.1, roundTripMs: 30, queueDelayMs: 5 };
  const downlinks = [{ ...downlink('op1', 'a'), estimate }, downlink('op2', 'b')];
  const before = word(0, { commands: [{ peerId: 'op1', passed: 10, refused: 1 }] });
  const now = word(2, { downlinks, commands: [{ peerId: 'op1', passed: 110, refused: 4 }] });
  expect(serverStatsFor('op1', before, now)).toMatchObject({
    connections: [
      {
        ...{ connectionId: 'a', encoding: 'main', estimateBps: 1e6 },
        ...{ lossShare: 0.1, roundTripMs: 30, queueDelayMs: 5 },
      },
    ],
    ...{ commandsPassed: 100, commandsRefused: 3 },
  });
  expect(serverStatsFor('op2', before, now)).toMatchObject({
    connections: [{ connectionId: 'b', encoding: 'main' }],
    ...{ commandsPassed: 0, commandsRefused: 0 },
  });
});
