import type { RemoteConnection } from './remote-connection.ts';
import type { Source } from './source.ts';
import type { DownlinkStats, UplinkStats } from './worker-channel.ts';

/** What is told of one published track. */
export function uplinkStatsOf(source: Source): UplinkStats {
  const { streamId, mediaType, encoding = 'main' } = source.options;
  const { media, parity, repeat } = source.received;
  const {
    lost = 0,
    recovered = 0,
    requested = 0,
    givenUp = 0,
    duplicates = 0,
  } = source.repairStats ?? {};
  return {
    ...{ streamId, mediaType, encoding },
    bitrateBps: Math.round(source.bitrateBps),
    ...{ mediaBytes: media, parityBytes: parity, repeatBytes: repeat },
    ...{ mediaPackets: source.mediaPackets, pictures: source.pictures },
    ...{ lost, recovered, requested, givenUp, duplicates },
  };
}

/** What is told of one viewer's connection. */
export function downlinkStatsOf(viewer: RemoteConnection): DownlinkStats {
  const { peerId, connectionId, connection, downlink, slots } = viewer;
  const { media, audio, parity, repeat, probe } = connection.leg.sent;
  const shown = [...slots.values()].map((slot) => slot.shownSource?.options.encoding);
  const stats: DownlinkStats = {
    ...{ peerId, connectionId },
    ...{ mediaBytes: media, audioBytes: audio, parityBytes: parity },
    ...{ repeatBytes: repeat, probeBytes: probe },
    encoding: shown.includes('small') ? 'small' : 'main',
  };
  const estimate = downlink?.estimate;
  if (!estimate) return stats;
  const { targetBps, lossShare, roundTripUs, queueDelayUs } = estimate;
  const roundTripMs = roundTripUs / 1_000;
  const queueDelayMs = queueDelayUs / 1_000;
  return { ...stats, estimate: { targetBps, lossShare, roundTripMs, queueDelayMs } };
}
