import type { WebRTCStats } from '@longreach/protocol';
import { addCumulative, type Cumulative, growth, readCumulative } from './cumulative.ts';
import { inboundOf, type StatsSnapshot, selectedPair } from './stats-snapshot.ts';
import { type PresentedFigures, statsOf, type TrackIdentity } from './track-formulas.ts';

type Track = {
  identity: TrackIdentity;
  /** Growth over the track's whole life, over all slots that showed it. */
  total: Cumulative;
  /** `total` at the end of the last period. */
  reported: Cumulative;
  periodStartMs: number;
};

type Slot = { trackId: string; read: Cumulative };

/** Most tracks remembered for one machine: 8 streams of 2 media, with room for a change of configuration. */
const maxTracks = 64;

/**
 * getStats() of one machine's connections → `WebRTCStats` of its tracks, by the formulas of
 * docs/5-explain/metrics.md. Pure. Rules: SPEC.md W1 to W9.
 */
export class WebRTCStatsCollector {
  readonly #tracks = new Map<string, Track>();
  readonly #slots = new Map<string, Slot>();

  /**
   * From `snapshot` on, the slot `mid` of `connectionId` shows `identity` (undefined: nothing).
   * What it received before belongs to the track it showed before.
   */
  assignSlot(
    connectionId: string,
    mid: string,
    identity: TrackIdentity | undefined,
    snapshot: StatsSnapshot,
  ): void {
    this.#absorb(connectionId, snapshot);
    const key = slotKey(connectionId, mid);
    if (identity === undefined) {
      this.#slots.delete(key);
      return;
    }
    if (this.#slots.get(key)?.trackId === identity.trackId) return;
    this.#ensureTrack(identity, snapshot.takenMs);
    const read = readCumulative(inboundOf(snapshot.entries, mid));
    this.#slots.set(key, { trackId: identity.trackId, read });
  }

  /** The connection is gone; its tracks keep their figures and go on with the next one. */
  dropConnection(connectionId: string): void {
    for (const key of this.#slots.keys()) {
      if (key.startsWith(`${connectionId}/`)) this.#slots.delete(key);
    }
  }

  /** Ends the period of every track that `connectionId` shows, and gives their statistics. */
  collect(
    connectionId: string,
    snapshot: StatsSnapshot,
    presentedOf: (identity: TrackIdentity) => PresentedFigures,
  ): WebRTCStats[] {
    this.#absorb(connectionId, snapshot);
    const pair = selectedPair(snapshot.entries);
    const stats: WebRTCStats[] = [];
    const done = new Set<string>();
    for (const [key, slot] of this.#slots) {
      const track = this.#tracks.get(slot.trackId);
      if (!key.startsWith(`${connectionId}/`) || track === undefined || done.has(slot.trackId)) {
        continue;
      }
      done.add(slot.trackId);
      const inbound = inboundOf(snapshot.entries, key.slice(connectionId.length + 1));
      const codec = snapshot.entries.find((entry) => entry.id === inbound?.codecId);
      const seconds = (snapshot.takenMs - track.periodStartMs) / 1000;
      const counts = { life: track.total, delta: growth(track.reported, track.total), seconds };
      stats.push(
        statsOf(track.identity, counts, { inbound, codec, pair }, presentedOf(track.identity)),
      );
      track.reported = track.total;
      track.periodStartMs = snapshot.takenMs;
    }
    return stats;
  }

  #absorb(connectionId: string, snapshot: StatsSnapshot): void {
    for (const [key, slot] of this.#slots) {
      const track = this.#tracks.get(slot.trackId);
      if (!key.startsWith(`${connectionId}/`) || track === undefined) continue;
      const inbound = inboundOf(snapshot.entries, key.slice(connectionId.length + 1));
      if (inbound === undefined) continue;
      const read = readCumulative(inbound);
      track.total = addCumulative(track.total, growth(slot.read, read));
      slot.read = read;
    }
  }

  #ensureTrack(identity: TrackIdentity, nowMs: number): void {
    const known = this.#tracks.get(identity.trackId);
    if (known !== undefined) {
      // Time when no slot showed the track does not count: the period begins with the new slot.
      if (!this.#isShown(identity.trackId)) known.periodStartMs = nowMs;
      return;
    }
    const oldest = this.#tracks.keys().next();
    if (this.#tracks.size >= maxTracks && !oldest.done) this.#tracks.delete(oldest.value);
    this.#tracks.set(identity.trackId, { identity, total: {}, reported: {}, periodStartMs: nowMs });
  }

  #isShown(trackId: string): boolean {
    return [...this.#slots.values()].some((slot) => slot.trackId === trackId);
  }
}

function slotKey(connectionId: string, mid: string): string {
  return `${connectionId}/${mid}`;
}
