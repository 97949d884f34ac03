import type { MediaType } from '@longreach/protocol';
import type { MediaClient } from './media-client.ts';

/** After a fresh login the server says again what is watched; what it does not name by then stops, ms. */
const inviteGraceMs = 3000;
/** Without a link for so long the server counts this machine as gone, and so does everybody who watched, ms. */
const absenceMs = 5000;

/** Ends production that nobody watches any more but that no request ends: a stream costs nothing then. */
export class WatchedTracks {
  readonly #media: Pick<MediaClient, 'activeTracks' | 'produce'>;
  readonly #invited = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(media: Pick<MediaClient, 'activeTracks' | 'produce'>) {
    this.#media = media;
  }

  /** The server named this track since the last login. */
  handleInvite(streamId: number, mediaType: MediaType): void {
    this.#invited.add(keyOf(streamId, mediaType));
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
    for (const { streamId, mediaType } of this.#media.activeTracks()) {
      if (this.#invited.has(keyOf(streamId, mediaType))) continue;
      this.#media.produce(streamId, mediaType, false);
    }
  }
}

function keyOf(streamId: number, mediaType: MediaType): string {
  return `${streamId}:${mediaType}`;
}
