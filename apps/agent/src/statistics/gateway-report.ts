import type {
  Encoding,
  GatewayEncodingStats,
  GatewayMachineStats,
  GatewayPathStats,
  GatewaySendStats,
  GatewayStats,
  GatewayStreamStats,
} from '@longreach/protocol';
import type { MediaStats, MediaStreamStats } from './media-stats.ts';

/** A stream as it is configured, and the life of its input. */
export type ReportedStream = Omit<GatewayStreamStats, 'capture' | 'encodings'>;

/** What the transport knows of one encoding that is sent. */
export type SentEncoding = {
  streamId: number;
  encoding: Encoding;
  told: Pick<GatewayEncodingStats, 'targetBitrateBps' | 'targetFps' | 'belowMinimum'>;
  send: GatewaySendStats;
};

/** What a report is put together from. */
export type GatewayReportParts = Pick<
  GatewayStats,
  'sequence' | 'machineTimeUs' | 'periodMs' | 'softwareVersion'
> & {
  streams: ReportedStream[];
  sent: SentEncoding[];
  paths: GatewayPathStats[];
  /** Absent when the media process did not answer. */
  media: MediaStats | undefined;
  /** Absent until the supervisor has told it. */
  machine: GatewayMachineStats | undefined;
  /** Of the transport itself. */
  loopBusyShare: number;
};

/** Puts a machine's report on itself together. Pure. */
export function assembleGatewayStats(parts: GatewayReportParts): GatewayStats {
  const { sequence, machineTimeUs, periodMs, softwareVersion, paths } = parts;
  const machine = parts.machine && withBusyShares(parts.machine, parts);
  return {
    sequence,
    machineTimeUs,
    periodMs,
    softwareVersion,
    streams: parts.streams.map((stream) => reportStream(stream, parts)),
    paths,
    ...(machine && { machine }),
  };
}

function reportStream(
  stream: ReportedStream,
  { media, sent }: Pick<GatewayReportParts, 'media' | 'sent'>,
): GatewayStreamStats {
  const made = media?.streams.find(({ streamId }) => streamId === stream.streamId);
  return {
    ...stream,
    ...(made?.capture && { capture: made.capture }),
    encodings: sent
      .filter(({ streamId }) => streamId === stream.streamId)
      .map((one) => reportEncoding(one, made)),
  };
}

function reportEncoding(
  { encoding, told, send }: SentEncoding,
  made: MediaStreamStats | undefined,
): GatewayEncodingStats {
  const encode = made?.encodings.find((one) => one.encoding === encoding)?.encode;
  return { encoding, ...told, ...(encode && { encode }), send };
}

function withBusyShares(
  machine: GatewayMachineStats,
  { media, loopBusyShare }: Pick<GatewayReportParts, 'media' | 'loopBusyShare'>,
): GatewayMachineStats {
  const shares = new Map([
    ['transport', loopBusyShare],
    ...(media ? [['media', media.loopBusyShare] as const] : []),
  ]);
  return {
    ...machine,
    processes: machine.processes.map((process) => {
      const share = shares.get(process.name);
      return share === undefined ? process : { ...process, loopBusyShare: share };
    }),
  };
}
