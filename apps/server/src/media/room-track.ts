import type { Encoding, MediaType } from '@longreach/protocol';
import type { Slot } from './slot.ts';
import type { Source } from './source.ts';

/** What tells one track of a room from the others. */
export type TrackKey = { streamId: number; mediaType: MediaType };
/** Hears when an encoding of a track gets its first viewer or loses its last. */
export type DemandListener = (track: TrackKey, active: boolean, encoding: Encoding) => void;

/** The small encoding runs on for so long after the last viewer that needed it, µs. */
const smallLingerUs = 2_000_000;

/** One track of a room, whoever publishes it now: knows its viewers' slots and which encoding each of them gets. */
export class RoomTrack implements TrackKey {
  readonly streamId: number;
  readonly mediaType: MediaType;
  readonly #slots = new Map<Slot, Encoding>();
  /** Slots that show this track until another one's key frame is there. */
  readonly #leaving = new Set<Slot>();
  readonly #onDemand: DemandListener;
  readonly #sources: Partial<Record<Encoding, Source>> = {};
  #isWatched = false;
  #isSmallRunning = false;
  /** Since when nobody needs the small encoding that runs. */
  #smallIdleUs: number | undefined;

  constructor({ streamId, mediaType }: TrackKey, onDemand: DemandListener) {
    this.streamId = streamId;
    this.mediaType = mediaType;
    this.#onDemand = onDemand;
  }

  /** What the main encoding sends, bit/s. */
  get mainBps(): number {
    return this.#sources.main?.bitrateBps ?? 0;
  }

  /** Whether this track is what the slot is to show. */
  has(slot: Slot): boolean {
    return this.#slots.has(slot);
  }

  /** Shows this track in a slot, now or as soon as it is published; in its main encoding at first. */
  add(slot: Slot, nowUs: number): void {
    this.#leaving.delete(slot);
    this.#slots.set(slot, this.#slots.get(slot) ?? 'main');
    this.#updateDemand();
    this.#show(slot, nowUs);
  }

  /** The slot shows this track until another one can take over; then it is to be removed. */
  leave(slot: Slot): void {
    if (this.#slots.delete(slot)) this.#leaving.add(slot);
  }

  remove(slot: Slot): void {
    this.#slots.delete(slot);
    this.#leaving.delete(slot);
    this.#updateDemand();
  }

  /** Gives a slot another encoding from its next key frame on, if there is one. */
  choose(slot: Slot, encoding: Encoding, nowUs: number): void {
    const chosen = this.#slots.get(slot);
    if (chosen === undefined || chosen === encoding) return;
    this.#slots.set(slot, encoding);
    this.#updateSmall(nowUs);
    if (this.#sources.small) this.#show(slot, nowUs);
  }

  /** A publisher sends one encoding of it from now on. */
  publish(source: Source, nowUs: number): void {
    const encoding = source.options.encoding ?? 'main';
    this.#sources[encoding] = source;
    this.#updateSmall(nowUs);
    for (const [slot, chosen] of this.#slots) {
      if (chosen === encoding || encoding === 'main') this.#show(slot, nowUs);
    }
  }

  /** Ends the publication if it is still this source's; what is shown of it stays. */
  unpublish(source: Source): void {
    const encoding = source.options.encoding ?? 'main';
    if (this.#sources[encoding] === source) delete this.#sources[encoding];
  }

  /** Ends the small encoding a while after its last viewer. */
  tick(nowUs: number): void {
    this.#updateSmall(nowUs);
  }

  #show(slot: Slot, nowUs: number): void {
    const { main, small } = this.#sources;
    const source = this.#slots.get(slot) === 'small' ? (small ?? main) : main;
    if (source) slot.show(source, nowUs);
  }

  #updateDemand(): void {
    const isWatched = this.#slots.size + this.#leaving.size > 0;
    if (isWatched === this.#isWatched) return;
    this.#isWatched = isWatched;
    this.#onDemand(this, isWatched, 'main');
  }

  #updateSmall(nowUs: number): void {
    const isWanted =
      this.#sources.small !== undefined && [...this.#slots.values()].includes('small');
    if (isWanted) {
      this.#smallIdleUs = undefined;
      this.#setSmall(true);
    } else if (this.#isSmallRunning) {
      this.#smallIdleUs ??= nowUs;
      if (nowUs - this.#smallIdleUs >= smallLingerUs) this.#setSmall(false);
    }
  }

  #setSmall(isRunning: boolean): void {
    if (isRunning === this.#isSmallRunning) return;
    this.#isSmallRunning = isRunning;
    this.#smallIdleUs = undefined;
    this.#onDemand(this, isRunning, 'small');
  }
}
