import type { MediaType, WebRTCStats } from '@longreach/protocol';
import type { Cumulative } from './cumulative.ts';
import { decoderTypeOf } from './decoder-type.ts';
import { numberOf, type StatsEntry, textOf } from './stats-snapshot.ts';

/** Whose statistics: the track, not the slot that shows it. */
export type TrackIdentity = {
  srcUserId: string;
  trackId: string;
  streamId: number;
  mediaType: MediaType;
};

/** What the frame observer knows of one track over the period. Absent members stay absent in the statistics. */
export type PresentedFigures = {
  framesPresented?: number;
  stableFps?: number;
  latency?: number;
  latency1?: number;
  latency2?: number;
  lag100?: number;
  lag150?: number;
};

/** The entries of a report that concern one track. */
export type StatsSources = {
  inbound: StatsEntry | undefined;
  codec: StatsEntry | undefined;
  pair: StatsEntry | undefined;
};

/** Counts of one track: over its whole life, over the period, and the period's length. */
export type TrackCounts = { life: Cumulative; delta: Cumulative; seconds: number };

/** Statistics of one track over one period, by the formulas of docs/5-explain/metrics.md. */
export function statsOf(
  identity: TrackIdentity,
  counts: TrackCounts,
  sources: StatsSources,
  presented: PresentedFigures,
): WebRTCStats {
  const { life, delta, seconds } = counts;
  const stats = {
    ...identity,
    ...networkFigures(counts, sources.pair),
    ...decoderFigures(sources),
    ...delayFigures(life, delta),
    jitter: numberOf(sources.inbound, 'jitter'),
  };
  return withoutAbsent(
    identity.mediaType === 'video'
      ? {
          ...stats,
          ...videoFigures(life, delta, sources.inbound),
          ...presentedFigures(presented, seconds),
        }
      : { ...stats, audioLevel: numberOf(sources.inbound, 'audioLevel') },
  );
}

function networkFigures({ life, delta, seconds }: TrackCounts, pair: StatsEntry | undefined) {
  const bytes =
    delta.bytesReceived === undefined
      ? undefined
      : delta.bytesReceived + (delta.headerBytesReceived ?? 0);
  // A path that has answered no check yet reports 0.
  const hasAnswered = numberOf(pair, 'responsesReceived') !== 0;
  const rtt = hasAnswered ? numberOf(pair, 'currentRoundTripTime') : undefined;
  return {
    bitrate: ratio(bytes, seconds, 8 / 1_000_000),
    packetsReceived: life.packetsReceived,
    packetsLost: life.packetsLost,
    packetsReceivedDelta: delta.packetsReceived,
    packetsLostDelta: delta.packetsLost,
    lost: lossOf(delta),
    lostAvg: lossOf(life),
    rtt: rtt === undefined ? undefined : rtt * 1000,
    rttAvg: ratio(numberOf(pair, 'totalRoundTripTime'), numberOf(pair, 'responsesReceived'), 1000),
    nack: life.nackCount,
    nackDelta: delta.nackCount,
    firCount: life.firCount,
    firCountDelta: delta.firCount,
  };
}

function decoderFigures(sources: StatsSources) {
  const decoderImplementation = textOf(sources.inbound, 'decoderImplementation');
  return {
    codec: textOf(sources.codec, 'mimeType'),
    decoderImplementation,
    decoderType: decoderTypeOf(decoderImplementation, sources.inbound?.powerEfficientDecoder),
  };
}

function videoFigures(life: Cumulative, delta: Cumulative, inbound: StatsEntry | undefined) {
  const width = numberOf(inbound, 'frameWidth');
  const height = numberOf(inbound, 'frameHeight');
  return {
    pliCount: life.pliCount,
    pliCountDelta: delta.pliCount,
    framesReceived: life.framesReceived,
    framesReceivedDelta: delta.framesReceived,
    framesDecoded: life.framesDecoded,
    framesDecodedDelta: delta.framesDecoded,
    keyFramesDecoded: life.keyFramesDecoded,
    resolution: width === undefined || height === undefined ? undefined : `${width}x${height}`,
    decodeTime: ratio(delta.totalDecodeTime, delta.framesDecoded, 1000),
    decodeTimeAvg: ratio(life.totalDecodeTime, life.framesDecoded, 1000),
    processingDelay: ratio(delta.totalProcessingDelay, delta.framesDecoded, 1000),
    processingDelayAvg: ratio(life.totalProcessingDelay, life.framesDecoded, 1000),
  };
}

function delayFigures(life: Cumulative, delta: Cumulative) {
  return {
    jitterBuffer: ratio(delta.jitterBufferDelay, delta.jitterBufferEmittedCount, 1000),
    jitterBufferAvg: ratio(life.jitterBufferDelay, life.jitterBufferEmittedCount, 1000),
    jitterBufferTarget: ratio(delta.jitterBufferTargetDelay, delta.jitterBufferEmittedCount, 1000),
    jitterBufferTargetAvg: ratio(life.jitterBufferTargetDelay, life.jitterBufferEmittedCount, 1000),
  };
}

function presentedFigures(presented: PresentedFigures, seconds: number) {
  const { framesPresented, ...others } = presented;
  return { ...others, fps: ratio(framesPresented, seconds, 1) };
}

function lossOf(counts: Cumulative): number | undefined {
  const { packetsLost, packetsReceived } = counts;
  if (packetsLost === undefined || packetsReceived === undefined) return undefined;
  const sent = packetsLost + packetsReceived;
  return sent > 0 ? Math.max(0, (packetsLost / sent) * 100) : undefined;
}

function ratio(
  value: number | undefined,
  divisor: number | undefined,
  scale: number,
): number | undefined {
  if (value === undefined || divisor === undefined || divisor <= 0) return undefined;
  return (value / divisor) * scale;
}

/** A figure that cannot be computed is left out, never undefined. */
function withoutAbsent(
  stats: { [Key in keyof WebRTCStats]: WebRTCStats[Key] | undefined },
): WebRTCStats {
  return Object.fromEntries(
    Object.entries(stats).filter(([, value]) => value !== undefined),
  ) as WebRTCStats;
}
