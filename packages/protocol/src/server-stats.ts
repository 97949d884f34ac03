/**
 * What the server tells each remote device of its own part every two seconds (notice `serverStats`): the machine's
 * streams as they arrive, the media worker, this viewer's connections. Every figure is of the period unless said; one
 * that is not known is absent.
 */
import { z } from 'zod';
import { limits } from './limits.ts';

/** Time between two reports, ms. */
export const serverStatsPeriodMs = 2000;

const count = z.int().min(0).max(1_000_000_000);
const bps = z.number().min(0).max(100_000_000_000);
const ms = z.number().min(0).max(10_000_000_000);
const share = z.number().min(0).max(1);

/** One video track as it reaches the media worker. */
export const serverStreamStatsSchema = z.strictObject({
  /** The stream's number. */
  streamId: z
    .int()
    .min(0)
    .max(limits.streamsPerDevice - 1),
  /** Pictures of which something arrived, a second. */
  fps: z.number().min(0).max(1000),
  /** What its media sends now, bit/s. */
  bitrateBps: bps,
  /** Packets of media that arrived. */
  packetsReceived: count,
  /** Packets that did not come at first. */
  packetsLost: count,
  /** Of those: brought back by parity or a repeat. */
  packetsRecovered: count,
  /** Of those: not waited for any more. */
  packetsGivenUp: count,
});

/** The media worker that holds the room. */
export const serverWorkerStatsSchema = z.strictObject({
  /** How late its event loop came to what was due: 99 of 100 times not later than this, ms. */
  eventLoopDelayP99Ms: ms,
  /** A packet in from the machine until it is handed out to a viewer, 99th percentile, ms; absent when nothing was forwarded. */
  forwardDelayP99Ms: ms.optional(),
  /** Cores kept busy by the process. */
  cpuCores: z.number().min(0).max(4096),
});

/** One of this viewer's connections, as the media worker sees it. */
export const serverConnectionStatsSchema = z.strictObject({
  /** Name of the connection. */
  connectionId: z.string().min(1).max(64),
  /** What it is believed to carry, bit/s; absent while nothing is heard of what arrives. */
  estimateBps: bps.optional(),
  /** Share of the packets that do not arrive, now. */
  lossShare: share.optional(),
  /** Worker to viewer and back, ms. */
  roundTripMs: ms.optional(),
  /** How long packets wait on the way, now, ms. */
  queueDelayMs: ms.optional(),
  /** Which encoding of its streams it gets. */
  encoding: z.enum(['main', 'small']),
});

/** The server's report to one remote device about one room. */
export const serverStatsSchema = z.strictObject({
  /** Length of the period, ms. */
  periodMs: ms,
  /** Published video tracks, main encodings. */
  streams: z.array(serverStreamStatsSchema).max(limits.streamsPerDevice),
  /** Absent while no worker holds the room. */
  worker: serverWorkerStatsSchema.optional(),
  /** Those that are open. */
  connections: z.array(serverConnectionStatsSchema).max(64),
  /** This device's commands that were passed on to the machine. */
  commandsPassed: count,
  /** And those that were refused. */
  commandsRefused: count,
});

/** The server's report to one remote device about one room. */
export type ServerStats = z.infer<typeof serverStatsSchema>;
export type ServerStreamStats = z.infer<typeof serverStreamStatsSchema>;
export type ServerWorkerStats = z.infer<typeof serverWorkerStatsSchema>;
export type ServerConnectionStats = z.infer<typeof serverConnectionStatsSchema>;
