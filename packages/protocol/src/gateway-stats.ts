/**
 * What a machine tells of itself every two seconds (notice `gatewayStats`). Every figure is of the period that ends
 * with the report unless said; one that cannot be computed is absent, never invented. No addresses and no positions.
 */
import { z } from 'zod';
import { limits } from './limits.ts';

/** Time between two reports of a machine, ms. */
export const gatewayStatsPeriodMs = 2000;
/** Ways over the network that one report may hold. */
const maxPaths = 4;
/** Processes that one report may hold. */
const maxProcesses = 16;

const count = z.int().min(0).max(1_000_000_000);
const bytes = z.int().min(0).max(1_000_000_000_000_000);
const bps = z.int().min(0).max(100_000_000_000);
const perSecond = z.number().min(0).max(1000);
const ms = z.number().min(0).max(10_000_000_000);
const seconds = z.number().min(0).max(10_000_000_000);
const share = z.number().min(0).max(1);
const pixels = z.int().min(0).max(16_384);

/** What a stream's input gave. */
export const gatewayCaptureStatsSchema = z.strictObject({
  /** Pictures a second that the input is asked for now. */
  targetFps: perSecond,
  /** Pictures taken, a second. */
  fps: perSecond,
  /** Longest time between two pictures, or since the input was started, ms; one still open counts with its whole length so far. */
  longestGapMs: ms,
  /** From taking a picture until it could be encoded (drawn, or decoded and brought to size), mean, ms. */
  preparationMeanMs: ms.optional(),
  /** The same, 95th percentile, ms. */
  preparationP95Ms: ms.optional(),
  /** Pictures that were due and not taken, since the process was busy; absent where the source sets the times. */
  missedPictures: count.optional(),
  /** Pictures left out on purpose, since the source gives more than was asked for; absent where it cannot. */
  leftOutPictures: count.optional(),
});

/** What the encoder of one encoding did. */
export const gatewayEncodeStatsSchema = z.strictObject({
  /** Name of the encoder; `forwarded` = the source's own pictures, as they came. */
  encoder: z.string().min(1).max(32),
  /** Width of the encoded picture now, pixels; absent for what is forwarded, and while the encoder opens. */
  width: pixels.optional(),
  /** Its height, pixels. */
  height: pixels.optional(),
  /** Pictures encoded, a second. */
  fps: perSecond,
  /** Time for one picture, scaling included, mean, ms. */
  meanMs: ms.optional(),
  /** The same, 95th percentile, ms. */
  p95Ms: ms.optional(),
  /** What the encoder made, bit/s. */
  bitrateBps: bps,
  /** Key frames among them. */
  keyFrames: count,
  /** Pictures left out on purpose to keep to a lower frame rate. */
  leftOutForRate: count,
  /** Pictures left out on purpose while packets wait: they would have waited as well. */
  leftOutForHold: count,
  /** Encoded pictures that the sending process did not take: it does not keep up. */
  untakenPictures: count,
});

/** What sending did with one encoding, and what the media worker says of it. */
export const gatewaySendStatsSchema = z.strictObject({
  /** Pictures handed to the network, a second. */
  fps: perSecond,
  /** From encoded until the last packet of the picture has left, mean, ms. */
  meanMs: ms.optional(),
  /** The same, 95th percentile, ms. */
  p95Ms: ms.optional(),
  /** All that left for this encoding: packets with every header, parity and repeats, bit/s. */
  bitrateBps: bps,
  /** Pictures not sent: one before them was lost to a full queue, or nothing could begin with them. */
  droppedPictures: count,
  /** Packets repeated on request, copies included. */
  repeatedPackets: count,
  /** Parity for each byte of media, now; above 1 when more parity than media is sent. */
  parityRatio: z.number().min(0).max(100),
  /** Share of its packets that did not arrive by themselves, newest word of the media worker; absent without one. */
  lossShare: share.optional(),
  /** Variation of the packets' time on the way (RFC 3550), ms. */
  jitterMs: ms.optional(),
  /** Machine to media worker and back, by sender reports, ms. */
  roundTripMs: ms.optional(),
});

/** One encoding that somebody watches. */
export const gatewayEncodingStatsSchema = z.strictObject({
  /** `small` is for guests on weaker links. */
  encoding: z.enum(['main', 'small']),
  /** What the encoder is told now, bit/s; absent for what is forwarded. */
  targetBitrateBps: bps.optional(),
  /** What it is told now, pictures a second. */
  targetFps: perSecond.optional(),
  /** The network leaves less than the stream's minimum. */
  belowMinimum: z.boolean(),
  /** Absent while the encoding process does not answer. */
  encode: gatewayEncodeStatsSchema.optional(),
  /** What happened to its packets. */
  send: gatewaySendStatsSchema,
});

/** One stream, watched or not. */
export const gatewayStreamStatsSchema = z.strictObject({
  /** The stream's number: its place in the machine's configuration. */
  streamId: z
    .int()
    .min(0)
    .max(limits.streamsPerDevice - 1),
  /** Life of the input; absent before its first start. */
  inputState: z.enum(['closed', 'opening', 'running', 'reconnecting', 'failed']).optional(),
  /** Width as configured, pixels. */
  configuredWidth: pixels,
  /** Height as configured, pixels. */
  configuredHeight: pixels,
  /** As configured, pictures a second. */
  configuredFps: perSecond,
  /** As configured, bit/s. */
  configuredBitrateBps: bps.optional(),
  /** Below it the machine says that the network carries too little, bit/s. */
  minBitrateBps: bps.optional(),
  /** Absent while nobody watches, and while the encoding process does not answer. */
  capture: gatewayCaptureStatsSchema.optional(),
  /** Those that are sent now. */
  encodings: z.array(gatewayEncodingStatsSchema).max(2),
});

/** One end of a path, by kind. */
export const gatewayPathEndSchema = z.strictObject({
  /** How the address was found (ICE): its own, seen from outside, or that of a relay. */
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  /** Kind of the address; `name` = a host name. */
  family: z.enum(['ipv4', 'ipv6', 'name']),
  /** From where such an address is reached; unknown for a name. */
  scope: z.enum(['loopback', 'linkLocal', 'private', 'public', 'unknown']),
});

/** Bytes sent in the period by purpose, headers of every layer included. */
export const gatewaySentBytesSchema = z.strictObject({
  /** Pictures, bytes. */
  media: bytes,
  /** Sound, bytes. */
  audio: bytes,
  /** Parity against loss, bytes. */
  parity: bytes,
  /** Packets repeated on request, bytes. */
  repeat: bytes,
  /** Sent to see what the link carries, and signs of life during an outage, bytes. */
  probe: bytes,
});

/** One way over the network to the media worker. */
export const gatewayPathStatsSchema = z.strictObject({
  /** Name of the connection that carries it; another one = it was replaced. Absent before the first. */
  connectionId: z.string().min(1).max(64).optional(),
  /** Whether media can leave by it now. */
  state: z.enum(['connected', 'down']),
  /** `relay` when either end is a relay, else the machine's end; absent while it is not known. */
  type: gatewayPathEndSchema.shape.type.optional(),
  /** What packets travel in. */
  transport: z.enum(['udp', 'tcp']).optional(),
  /** The machine's end. */
  local: gatewayPathEndSchema.optional(),
  /** The media worker's end. */
  remote: gatewayPathEndSchema.optional(),
  /** By messages, ms. */
  roundTripMs: ms.optional(),
  /** Share of the packets that do not arrive, now. */
  lossShare: share.optional(),
  /** Packets that are lost in a row, mean. */
  burstPackets: z.number().min(0).max(1_000_000).optional(),
  /** How long packets wait on the way, now, ms. */
  queueDelayMs: ms.optional(),
  /** How long the link needs for what it was handed so far, now, ms. */
  backlogMs: ms.optional(),
  /** What the path is believed to carry, bit/s; absent while nobody says what arrives. */
  estimateBps: bps.optional(),
  /** What the master's link takes of media, bit/s; absent without a limit. */
  mediaLimitBps: bps.optional(),
  /** By purpose. */
  sentBytes: gatewaySentBytesSchema,
  /** How long nothing got through (no connection, or no word of what was sent), ms. */
  outageMs: ms,
});

/** One process of the machine's software. */
export const gatewayProcessStatsSchema = z.strictObject({
  /** guard, transport, media, vehicle (simulator only) or agent (the supervisor). */
  name: z.string().min(1).max(32),
  /** Cores kept busy: 1 = one core all the time. */
  cpuCores: z.number().min(0).max(4096),
  /** Memory in use (resident set), bytes. */
  rssBytes: bytes,
  /** Since its last start, s. */
  uptimeS: seconds,
  /** How often it had to be started again. */
  restarts: count,
  /** Share of the time in which its one event loop was at work; near 1 = it is overloaded. */
  loopBusyShare: share.optional(),
});

/** The computer. */
export const gatewayMachineStatsSchema = z.strictObject({
  /** Length of the period of these figures, ms; it does not end with the report but up to one period earlier. */
  periodMs: ms,
  /** Cores of the computer. */
  cpuCount: z.int().min(1).max(4096),
  /** Busy share of all cores, other software included. */
  cpuShare: share.optional(),
  /** Processes that want to run, mean over 1 minute. */
  load1: z.number().min(0).max(1_000_000).optional(),
  /** The same over 5 minutes. */
  load5: z.number().min(0).max(1_000_000).optional(),
  /** Memory of the computer, bytes. */
  memoryTotalBytes: bytes.optional(),
  /** What programs can still have without swapping, bytes. */
  memoryAvailableBytes: bytes.optional(),
  /** Hottest sensor, °C; absent where there is none. */
  temperatureC: z.number().min(-100).max(300).optional(),
  /** Since the computer started, s. */
  uptimeS: seconds.optional(),
  /** Those of the machine's software that ran for the whole period. */
  processes: z.array(gatewayProcessStatsSchema).max(maxProcesses),
});

/** A machine's report on itself. */
export const gatewayStatsSchema = z.strictObject({
  /** Counts the reports of one life of the sending process; a gap = reports were lost. */
  sequence: count,
  /** When the period ended, machine clock, µs. */
  machineTimeUs: z.number().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Length of the period, ms. */
  periodMs: ms,
  /** Of the machine's software. */
  softwareVersion: z.string().max(64),
  /** All of the machine's. */
  streams: z.array(gatewayStreamStatsSchema).max(limits.streamsPerDevice),
  /** One for each network that the machine sends by. */
  paths: z.array(gatewayPathStatsSchema).max(maxPaths),
  /** Absent until the supervisor has told it. */
  machine: gatewayMachineStatsSchema.optional(),
});

/** A machine's report on itself: streams, ways over the network, processes. */
export type GatewayStats = z.infer<typeof gatewayStatsSchema>;
export type GatewayStreamStats = z.infer<typeof gatewayStreamStatsSchema>;
export type GatewayCaptureStats = z.infer<typeof gatewayCaptureStatsSchema>;
export type GatewayEncodingStats = z.infer<typeof gatewayEncodingStatsSchema>;
export type GatewayEncodeStats = z.infer<typeof gatewayEncodeStatsSchema>;
export type GatewaySendStats = z.infer<typeof gatewaySendStatsSchema>;
export type GatewayPathStats = z.infer<typeof gatewayPathStatsSchema>;
export type GatewayPathEnd = z.infer<typeof gatewayPathEndSchema>;
export type GatewayMachineStats = z.infer<typeof gatewayMachineStatsSchema>;
export type GatewayProcessStats = z.infer<typeof gatewayProcessStatsSchema>;
