import { unwrapSequence } from '../sequence-number.ts';

const noPayload = new Uint8Array(0);

/**
 * The newest packets of one stream by their place on an endless line of sequence numbers; the oldest make room. What
 * a packet says is read by its place without anything being allocated.
 */
export class PacketWindow {
  readonly capacity: number;
  readonly #mask: number;
  readonly #places: Float64Array;
  readonly #timestamps: Uint32Array;
  readonly #markers: Uint8Array;
  readonly #arrivals: Float64Array;
  readonly #payloads: Uint8Array[];
  #newest: number | undefined;

  /** `capacity`: a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.#places = new Float64Array(capacity).fill(Number.NaN);
    this.#timestamps = new Uint32Array(capacity);
    this.#markers = new Uint8Array(capacity);
    this.#arrivals = new Float64Array(capacity);
    this.#payloads = new Array<Uint8Array>(capacity).fill(noPayload);
  }

  /** Place of the newest packet. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** The place that lies nearest to the newest packet for a 16-bit sequence. */
  placeOf(sequence: number): number {
    return this.#newest === undefined ? sequence : unwrapSequence(this.#newest, sequence);
  }

  has(place: number): boolean {
    return this.#places[place & this.#mask] === place;
  }

  /** Takes a packet; false when it is there already or too old. */
  insert(
    place: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): boolean {
    if (this.#newest !== undefined && place <= this.#newest - this.capacity) return false;
    if (this.has(place)) return false;
    if (this.#newest === undefined || place > this.#newest) this.#newest = place;
    const index = place & this.#mask;
    this.#places[index] = place;
    this.#timestamps[index] = timestamp;
    this.#markers[index] = marker ? 1 : 0;
    this.#arrivals[index] = nowUs;
    this.#payloads[index] = payload;
    return true;
  }

  /** The next five need a place that is there. */
  timestamp(place: number): number {
    return this.#timestamps[place & this.#mask] as number;
  }

  isMarked(place: number): boolean {
    return this.#markers[place & this.#mask] === 1;
  }

  arrivedUs(place: number): number {
    return this.#arrivals[place & this.#mask] as number;
  }

  payload(place: number): Uint8Array {
    return this.#payloads[place & this.#mask] as Uint8Array;
  }

  /** Lets go of a payload; the packet still counts as there. */
  release(place: number): void {
    this.#payloads[place & this.#mask] = noPayload;
  }

  /** Forgets everything. */
  clear(): void {
    this.#newest = undefined;
    this.#places.fill(Number.NaN);
    this.#payloads.fill(noPayload);
  }
}
