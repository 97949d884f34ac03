import type { ViewerLink } from './media-limit.ts';

/** One connection of a viewer, as far as its rate goes. */
export type WatchedConnection = {
  peerId: string;
  /** Whether it carries messages; one for a single track does not. */
  hasMessages: boolean;
  /** What the main encodings of all that it is to show send, bit/s. */
  neededBps: number;
  /** The first stream that it is to show. */
  streamId: number | undefined;
  /** What its link takes of video, bit/s; undefined while it is not known. */
  limitBps: number | undefined;
};

/** What the links of one viewer take. */
export type PeerLink = ViewerLink & { peerId: string };

/**
 * What each viewer's links take. Connections for one track each share a link: what they take adds up, of each stream
 * the newest one's. Those with messages replace each other: each has to carry everything.
 */
export function viewerLinks(
  connections: Iterable<WatchedConnection>,
  masterId: string | null,
): PeerLink[] {
  const links: PeerLink[] = [];
  const tracks = new Map<string, Map<number, number | undefined>>();
  for (const { peerId, hasMessages, neededBps, streamId, limitBps } of connections) {
    if (neededBps === 0 || streamId === undefined) continue;
    if (hasMessages) links.push({ peerId, isMaster: peerId === masterId, limitBps });
    else {
      const streams = tracks.get(peerId) ?? new Map<number, number | undefined>();
      tracks.set(peerId, streams.set(streamId, limitBps));
    }
  }
  for (const [peerId, streams] of tracks) {
    links.push({ peerId, isMaster: peerId === masterId, limitBps: sumOf(streams.values()) });
  }
  return links;
}

/** The link that takes most; one that nothing is known of takes everything. */
export function bestLink(links: readonly PeerLink[]): PeerLink | undefined {
  let best: PeerLink | undefined;
  let greatestBps = -1;
  for (const link of links) {
    const limitBps = link.limitBps ?? Number.POSITIVE_INFINITY;
    if (limitBps <= greatestBps) continue;
    best = link;
    greatestBps = limitBps;
  }
  return best;
}

/** Undefined when one of them is. */
function sumOf(limits: Iterable<number | undefined>): number | undefined {
  let sumBps = 0;
  for (const limitBps of limits) {
    if (limitBps === undefined) return undefined;
    sumBps += limitBps;
  }
  return sumBps;
}
