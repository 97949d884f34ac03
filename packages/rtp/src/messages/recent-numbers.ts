import { sequenceDistance } from '../sequence-number.ts';

const remembered = 256;

/** Tells a repeated 16-bit number from a new one, among the newest 256. */
export class RecentNumbers {
  readonly #seen = new Int32Array(remembered).fill(-1);
  #newest: number | undefined;

  /** Notes a number; false when it was there before, or lies too far back to tell. */
  take(number: number): boolean {
    const ahead = this.#newest === undefined ? 1 : sequenceDistance(this.#newest, number);
    if (ahead <= -remembered) return false;
    const place = number % remembered;
    if (this.#seen[place] === number) return false;
    this.#seen[place] = number;
    if (ahead > 0) this.#newest = number;
    return true;
  }
}
