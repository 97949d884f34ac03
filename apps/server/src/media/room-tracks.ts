import type { Encoding } from '@longreach/protocol';
import { type DemandListener, RoomTrack, type TrackKey } from './room-track.ts';
import type { Slot } from './slot.ts';
import type { Source } from './source.ts';

/** All tracks of a room: which slot is to show which of them, and who publishes them. */
export class RoomTracks {
  readonly #tracks = new Map<string, RoomTrack>();
  readonly #onDemand: DemandListener;
  /** What is published now. */
  readonly #sources = new Set<Source>();

  constructor(onDemand: DemandListener) {
    this.#onDemand = onDemand;
  }

  /** Shows a track in a slot; what the slot shows now goes on, and is produced on, until its first key frame. */
  show(slot: Slot, key: TrackKey, nowUs: number): void {
    const shown = slot.shownSource?.options;
    for (const track of this.#tracks.values()) {
      if (isSame(track, key)) continue;
      if (shown && isSame(track, shown)) track.leave(slot);
      else track.remove(slot);
    }
    this.#track(key, nowUs).add(slot, nowUs);
  }

  /** The slot shows this track from now on: no other is produced for it any more. */
  handleSwitched(slot: Slot, shown: TrackKey): void {
    for (const track of this.#tracks.values()) if (!isSame(track, shown)) track.remove(slot);
  }

  /** Nothing is shown in this slot any more. */
  remove(slot: Slot): void {
    for (const track of this.#tracks.values()) track.remove(slot);
  }

  /** Gives the slot another encoding of what it is to show. */
  choose(slot: Slot, encoding: Encoding, nowUs: number): void {
    for (const track of this.#tracks.values()) track.choose(slot, encoding, nowUs);
  }

  /** What the main encodings of all that these slots are to show send, bit/s. */
  mainBpsOf(slots: Iterable<Slot>): number {
    let sumBps = 0;
    for (const slot of slots) {
      for (const track of this.#tracks.values()) if (track.has(slot)) sumBps += track.mainBps;
    }
    return sumBps;
  }

  /** The stream that the first of these slots is to show; undefined = none. */
  streamOf(slots: Iterable<Slot>): number | undefined {
    for (const slot of slots) {
      for (const track of this.#tracks.values()) if (track.has(slot)) return track.streamId;
    }
    return undefined;
  }

  publish(source: Source, nowUs: number): void {
    this.#sources.add(source);
    this.#track(source.options, nowUs).publish(source, nowUs);
  }

  unpublish(source: Source): void {
    this.#sources.delete(source);
    for (const track of this.#tracks.values()) track.unpublish(source);
  }

  tick(nowUs: number): void {
    for (const track of this.#tracks.values()) track.tick(nowUs);
  }

  #track(key: TrackKey, nowUs: number): RoomTrack {
    const name = `${key.streamId}:${key.mediaType}`;
    const present = this.#tracks.get(name);
    if (present) return present;
    const track = new RoomTrack(key, this.#onDemand);
    this.#tracks.set(name, track);
    for (const source of this.#sources) {
      if (isSame(source.options, key)) track.publish(source, nowUs);
    }
    return track;
  }
}

function isSame(a: TrackKey, b: TrackKey): boolean {
  return a.streamId === b.streamId && a.mediaType === b.mediaType;
}
