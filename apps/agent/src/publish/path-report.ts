import type { GatewayPathEnd, GatewayPathStats } from '@longreach/protocol';
import type { SelectedPair } from '@longreach/webrtc-node';
import { describePathEnd } from '../statistics/path-end.ts';
import { rounded, roundedAll } from '../statistics/rounded.ts';
import type { PathState } from './media-path.ts';
import type { SentBytes } from './uplink.ts';

/** What is known of the way over the network when a period ends. */
export type PathFacts = {
  connectionId?: string | undefined;
  isConnected: boolean;
  pair?: SelectedPair | undefined;
  roundTripMs?: number | undefined;
  /** Absent before anything was sent. */
  network?: PathState | undefined;
  /** In the period. */
  sentBytes: SentBytes;
  /** Time of the period in which nothing got through, µs. */
  outageUs: number;
};

/** The report on one way over the network. Pure. */
export function reportPath(facts: PathFacts): GatewayPathStats {
  const { connectionId, isConnected, pair, network, sentBytes, outageUs } = facts;
  return {
    ...(connectionId !== undefined && { connectionId }),
    state: isConnected ? 'connected' : 'down',
    ...(pair && describePair(pair)),
    ...roundedAll({ roundTripMs: facts.roundTripMs }, 1),
    ...(network && describeNetwork(network)),
    sentBytes,
    outageMs: rounded(outageUs / 1000, 0),
  };
}

function describePair({ local, remote, transport }: SelectedPair): Partial<GatewayPathStats> {
  const ends = { local: describePathEnd(local), remote: describePathEnd(remote) };
  const type = typeOf(ends.local, ends.remote);
  return {
    ...(type && { type }),
    transport,
    ...(ends.local && { local: ends.local }),
    ...(ends.remote && { remote: ends.remote }),
  };
}

/** Whoever relays decides what a path is worth, whichever end it is at. */
function typeOf(
  local: GatewayPathEnd | undefined,
  remote: GatewayPathEnd | undefined,
): GatewayPathStats['type'] {
  return remote?.type === 'relay' ? 'relay' : local?.type;
}

function describeNetwork(network: PathState): Partial<GatewayPathStats> {
  const { targetBps, mediaLimitBps } = network;
  // Who gives no feedback tells nothing of loss and queues either.
  if (targetBps === undefined) return {};
  return {
    lossShare: rounded(Math.max(0, Math.min(1, network.lossShare)), 4),
    burstPackets: rounded(network.burstPackets, 2),
    queueDelayMs: rounded(Math.max(0, network.queueDelayUs) / 1000, 1),
    backlogMs: rounded(network.backlogUs / 1000, 1),
    estimateBps: Math.round(targetBps),
    ...(mediaLimitBps !== undefined && { mediaLimitBps: Math.round(mediaLimitBps) }),
  };
}
