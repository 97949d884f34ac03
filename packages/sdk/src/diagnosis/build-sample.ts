import type {
  GatewayPathStats,
  GatewayStats,
  GatewayStreamStats,
  PermissionState,
  ServerStats,
  StateReport,
  WebRTCStats,
} from '@longreach/protocol';
import type {
  BrowserFigures,
  MachineFigures,
  ServerFigures,
  StreamSample,
  UplinkFigures,
} from '@longreach/telemetry/diagnosis';
import type { DecoderFacts } from '../media/video-input.ts';
import type { CommandFigures } from './command-traffic.ts';

/** What was known at the end of one period; each part may be absent. */
export type PeriodFacts = {
  atMs: number;
  periodMs: number;
  /** The machine's newest report, when it is of this period. */
  gateway: GatewayStats | undefined;
  /** The server's. */
  server: ServerStats | undefined;
  /** The connections that carry our media. */
  connectionIds: readonly string[];
  commands: CommandFigures;
  state: StateReport | undefined;
  permission: PermissionState | undefined;
  page: PageFacts;
};

/** What the page knows of itself. */
export type PageFacts = {
  hiddenMs: number;
  longestPageStallMs: number;
  clockUncertaintyMs: number | undefined;
  clockStepsMs: readonly number[];
};

/** What the browser knows of one stream. */
export type StreamFacts = {
  streamId: number;
  /** Absent while it is paused or not shown. */
  stats: WebRTCStats | undefined;
  decoder: DecoderFacts | undefined;
};

/** More than any link takes: the machine is told so when nobody limits it, bit/s. */
const unlimitedBps = 90_000_000;

/** One stream's sample of one period. Pure. */
export function buildSample(facts: PeriodFacts, stream: StreamFacts): StreamSample {
  const { atMs, periodMs } = facts;
  const machine = machineFigures(facts, stream.streamId);
  const server = serverFigures(facts, stream.streamId);
  const browser = browserFigures(facts, stream);
  return {
    atMs,
    periodMs,
    browser,
    ...(machine ? { machine } : {}),
    ...(server ? { server } : {}),
  };
}

function machineFigures(facts: PeriodFacts, streamId: number): MachineFigures | undefined {
  const { gateway, commands } = facts;
  const guard = { commandsReceived: commands.received, commandsReleased: commands.released };
  if (!gateway) return commands.received === undefined ? undefined : guard;
  const stream = gateway.streams.find((one) => one.streamId === streamId);
  const processes = gateway.machine?.processes.map(({ name, cpuCores }) => [name, cpuCores]);
  return {
    ...guard,
    ...(stream ? streamFigures(stream, gateway.periodMs) : {}),
    uplink: uplinkFigures(gateway),
    ...(processes ? { cpuShareByProcess: Object.fromEntries(processes) } : {}),
  };
}

function streamFigures(stream: GatewayStreamStats, periodMs: number) {
  const { encodings, configuredBitrateBps } = stream;
  const main = encodings.find(({ encoding }) => encoding === 'main');
  const { encode, send } = main ?? {};
  const capture = stream.capture ?? silentCapture(stream, periodMs);
  const encoder = {
    encodedFps: encode?.fps,
    encodeTimeMs: encode?.meanMs,
    encodeTimeP95Ms: encode?.p95Ms,
    picturesDroppedBusy: sum(stream.capture?.missedPictures, encode?.untakenPictures),
    picturesLeftOut: sum(encode?.leftOutForRate, encode?.leftOutForHold),
    configuredBitrateBps,
    targetBitrateBps: main?.targetBitrateBps,
    actualBitrateBps: encode?.bitrateBps,
    encodedToSentMs: send?.meanMs,
    isBelowMinimum: main?.belowMinimum,
  };
  const camera = {
    expectedFps: capture?.targetFps,
    capturedFps: capture?.fps,
    longestGapMs: capture?.longestGapMs,
  };
  return { ...(capture ? { camera } : {}), ...(main ? { encoder } : {}) };
}

/** The process that takes pictures and encodes them does not answer, and nothing of it is sent: it takes none. */
function silentCapture({ encodings, configuredFps }: GatewayStreamStats, periodMs: number) {
  const main = encodings.find(({ encoding }) => encoding === 'main');
  if (!main || main.encode || main.send.fps > 0) return undefined;
  return { targetFps: main.targetFps ?? configuredFps, fps: 0, longestGapMs: periodMs };
}

function uplinkFigures({ paths, streams, periodMs }: GatewayStats): UplinkFigures {
  const path = paths.find(({ state }) => state === 'connected') ?? paths[0];
  if (!path) return {};
  const { mediaLimitBps } = path;
  const configured = streams
    .filter(({ encodings }) => encodings.length > 0)
    .map(({ configuredBitrateBps }) => configuredBitrateBps);
  return {
    estimateBps: path.estimateBps,
    configuredBps: sum(...configured),
    viewerLimitBps:
      mediaLimitBps !== undefined && mediaLimitBps < unlimitedBps ? mediaLimitBps : undefined,
    lossShare: path.lossShare,
    roundTripMs: path.roundTripMs,
    queueDelayMs: path.queueDelayMs,
    outageShare: periodMs > 0 ? Math.min(1, path.outageMs / periodMs) : undefined,
    repairShare: repairShare(path),
  };
}

function repairShare({ sentBytes }: GatewayPathStats): number | undefined {
  const { media, parity, repeat } = sentBytes;
  return media > 0 ? (parity + repeat) / media : undefined;
}

function serverFigures(facts: PeriodFacts, streamId: number): ServerFigures | undefined {
  const { server, connectionIds } = facts;
  if (!server) return undefined;
  const stream = server.streams.find((one) => one.streamId === streamId);
  const viewer = server.connections.findLast(({ connectionId }) =>
    connectionIds.includes(connectionId),
  );
  return {
    commandsPassed: server.commandsPassed,
    ...(server.worker ? { worker: server.worker } : {}),
    ...(viewer ? { viewer } : {}),
    ...(stream ? { stream: { ...stream, receivedFps: stream.fps } } : {}),
  };
}

function browserFigures(facts: PeriodFacts, { stats, decoder }: StreamFacts): BrowserFigures {
  const { commands, state, permission, page } = facts;
  const { sent, refused, roundTripMs, blockedMs, longestReportGapMs } = commands;
  const loopAgeMs = state && Number.isFinite(state.loopAgeMs) ? state.loopAgeMs : undefined;
  return {
    ...page,
    ...(stats ? { stats } : {}),
    ...(decoder
      ? {
          decodeQueuePictures: decoder.waitingPictures,
          longestWorkerStallMs: decoder.longestStallMs,
        }
      : {}),
    control: {
      ...{ permission, commandsSent: sent, refused, roundTripMs, blockedMs },
      ...{ loopAgeMs, guardMode: state?.guardMode, longestReportGapMs },
    },
  };
}

/** Of those that are known; undefined when none is. */
function sum(...values: Array<number | undefined>): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
