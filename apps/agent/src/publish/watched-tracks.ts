import type { ProducedTrack } from './media-client.ts';

/** After a fresh login the server says again what is watched; what it does not name by then stops, ms. */
const inviteGraceMs = 3000;
/** Without a link for so long the server counts this machine as gone, and so does everybody who watched, ms. */
const absenceMs = 5000;

/** What is produced now, and how it is ended. */
export type Production = {
  activeTracks(): ProducedTrack[];
  stop(track: ProducedTrack): void;
};

/** Ends production that nobody watches any more but that no request ends: a stream costs nothing then. */
export class WatchedTracks {
  readonly #production: Production;
  readonly #invited = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(production: Production) {
    this.#production = production;
  }

  /** The server named this track since the last login. */
  handleInvite(track: ProducedTrack): void {
    this.#invited.add(keyOf(track));
  }

  /** The link is there. A server that knows nothing of before invites anew; a resumed session goes on. */
  handleLinkReady(resumed: boolean): void {
    clearTimeout(this.#timer);
    if (resumed) return;
    this.#invited.clear();
    this.#timer = setTimeout(() => this.#stopUninvited(), inviteGraceMs);
  }

  /** The link is gone; pictures may still pass for a moment. */
  handleLinkLost(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#invited.clear();
      this.#stopUninvited();
    }, absenceMs);
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #stopUninvited(): void {
    for (const track of this.#production.activeTracks()) {
      if (!this.#invited.has(keyOf(track))) this.#production.stop(track);
    }
  }
}

function keyOf({ streamId, mediaType, encoding }: ProducedTrack): string {
  return `${streamId}:${mediaType}:${encoding}`;
}
