import { EncodingChoice } from './encoding-choice.ts';
import { MediaLimit } from './media-limit.ts';
import type { RemoteConnection } from './remote-connection.ts';
import type { RoomTracks } from './room-tracks.ts';
import { bestLink, viewerLinks } from './viewer-links.ts';

/** Between two looks at what viewers need, µs. */
const lookIntervalUs = 50_000;

/** Fits a room's rates to its viewers' links: what the machine is told, and which encoding each guest gets. */
export class ViewerRates {
  readonly #tracks: RoomTracks;
  readonly #limit = new MediaLimit();
  readonly #choices = new WeakMap<RemoteConnection, EncodingChoice>();
  #lookDueUs = Number.NEGATIVE_INFINITY;

  constructor(tracks: RoomTracks) {
    this.#tracks = tracks;
  }

  /** Every few milliseconds; gives what the machine is to be told that its viewers take, bit/s, or undefined. */
  tick(
    remotes: Iterable<RemoteConnection>,
    masterId: string | null,
    nowUs: number,
  ): number | undefined {
    if (nowUs < this.#lookDueUs) return undefined;
    this.#lookDueUs = nowUs + lookIntervalUs;
    const connections = [...remotes];
    for (const one of connections) one.neededBps = this.#tracks.mainBpsOf(one.slots.values());
    const links = viewerLinks(
      connections.map((one) => this.#watched(one)),
      masterId,
    );
    // While nobody is master, the machine's rate follows the guest with the best link.
    const leaderId = masterId ?? bestLink(links)?.peerId;
    for (const connection of connections) {
      const isLeading = connection.peerId === leaderId;
      this.#choose(connection, isLeading, connection.downlink?.mediaLimitBps, nowUs);
    }
    return this.#limit.take(links, masterId !== null, nowUs);
  }

  #watched({ peerId, hasMessages, neededBps, slots, downlink }: RemoteConnection) {
    const streamId = this.#tracks.streamOf(slots.values());
    return { peerId, hasMessages, neededBps, streamId, limitBps: downlink?.mediaLimitBps };
  }

  /** Who sets the machine's rate always gets what it is set for. */
  #choose(
    viewer: RemoteConnection,
    isLeading: boolean,
    limitBps: number | undefined,
    nowUs: number,
  ): void {
    const choice = this.#choiceOf(viewer);
    const isFollowing = !isLeading && limitBps !== undefined;
    const encoding = isFollowing
      ? choice.update(limitBps, viewer.neededBps, nowUs)
      : choice.reset();
    for (const slot of viewer.slots.values()) {
      if (slot.mediaType === 'video') this.#tracks.choose(slot, encoding, nowUs);
    }
  }

  #choiceOf(viewer: RemoteConnection): EncodingChoice {
    const present = this.#choices.get(viewer);
    if (present) return present;
    const choice = new EncodingChoice();
    this.#choices.set(viewer, choice);
    return choice;
  }
}
