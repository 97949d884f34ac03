import type { MediaType } from '@longreach/protocol';
import type { Slot } from './slot.ts';
import type { Source } from './source.ts';

/** One track of a room, whoever publishes it now: knows its viewers' slots and tells when the first comes or the last goes. */
export class RoomTrack {
  readonly streamId: number;
  readonly mediaType: MediaType;
  readonly #slots = new Set<Slot>();
  readonly #onDemand: (active: boolean) => void;
  #source: Source | undefined;

  constructor(streamId: number, mediaType: MediaType, onDemand: (active: boolean) => void) {
    this.streamId = streamId;
    this.mediaType = mediaType;
    this.#onDemand = onDemand;
  }

  /** Shows this track in a slot, now or as soon as it is published. */
  add(slot: Slot, nowUs: number): void {
    const isFirst = this.#slots.size === 0;
    this.#slots.add(slot);
    if (isFirst) this.#onDemand(true);
    if (this.#source) slot.show(this.#source, nowUs);
  }

  remove(slot: Slot): void {
    if (this.#slots.delete(slot) && this.#slots.size === 0) this.#onDemand(false);
  }

  /** A publisher sends it from now on; undefined: nobody does, what is shown stays. */
  publish(source: Source | undefined, nowUs: number): void {
    this.#source = source;
    if (source) for (const slot of this.#slots) slot.show(source, nowUs);
  }

  /** Ends the publication if it is still this source's. */
  unpublish(source: Source): void {
    if (this.#source === source) this.#source = undefined;
  }
}
