import { EncodingChoice } from './encoding-choice.ts';
import { MediaLimit, type ViewerLink } from './media-limit.ts';
import type { RemoteConnection } from './remote-connection.ts';
import type { RoomTracks } from './room-tracks.ts';

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
    const viewers = [...remotes];
    for (const viewer of viewers) viewer.neededBps = this.#tracks.mainBpsOf(viewer.slots.values());
    const leader = leaderOf(viewers, masterId);
    const links: ViewerLink[] = [];
    for (const viewer of viewers) {
      const isMaster = viewer.peerId === masterId;
      const limitBps = viewer.downlink?.mediaLimitBps;
      if (viewer.neededBps > 0) links.push({ isMaster, limitBps });
      this.#choose(viewer, isMaster || viewer === leader, limitBps, nowUs);
    }
    return this.#limit.take(links, masterId !== null, nowUs);
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

/** While nobody is master, the guest with the best link: the machine's rate follows it. */
function leaderOf(
  viewers: readonly RemoteConnection[],
  masterId: string | null,
): RemoteConnection | undefined {
  if (masterId !== null) return undefined;
  let leader: RemoteConnection | undefined;
  let greatestBps = -1;
  for (const viewer of viewers) {
    const limitBps = viewer.downlink?.mediaLimitBps ?? Number.POSITIVE_INFINITY;
    if (limitBps <= greatestBps) continue;
    leader = viewer;
    greatestBps = limitBps;
  }
  return leader;
}
