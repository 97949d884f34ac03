/** Stands for all rooms without a label of their own; no device id can look so. */
export const otherRooms = '(other)';

/**
 * Which rooms are named in labels: the first ones that are seen, for as long as the process runs, so that neither the
 * number of series nor a sum of a named room depends on who comes later.
 */
export class RoomLabels {
  readonly #named = new Set<string>();
  readonly #max: number;

  /** `max`: rooms that get a label of their own. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The label of a room. */
  labelOf(roomId: string): string {
    if (this.#named.has(roomId)) return roomId;
    if (this.#named.size >= this.#max) return otherRooms;
    this.#named.add(roomId);
    return roomId;
  }
}
