import type { SeededRandom } from './seeded-random.ts';

/** Longest input; longer ones do not come in one datagram. */
export const maxInputBytes = 4_096;

/** Bytes at which parsers turn: ends of ranges, versions, padding, RTCP types, NAL types, "all set". */
const turningPoints = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 63, 64, 127, 128, 129, 191, 200, 205, 206, 207, 254, 255],
  ...[0x90, 0xbe, 0xde, 0xf0, 0x78, 0x7c, 0x65, 0x67, 0xa0, 0xc0, 0xe0],
];

/** Changes bytes of kept examples by chance, one to eight times for each input. */
export class Mutator {
  readonly #random: SeededRandom;
  readonly #corpus: readonly Uint8Array[];
  readonly #work = new Uint8Array(maxInputBytes);
  #length = 0;

  constructor(random: SeededRandom, corpus: readonly Uint8Array[]) {
    this.#random = random;
    this.#corpus = corpus;
  }

  /** The next input: memory of its own, as a packet from the network has. */
  next(): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    this.#take(this.#corpus.length === 0 ? new Uint8Array(0) : random.pick(this.#corpus));
    for (let i = random.below(8); i >= 0; i--) this.#mutate();
    return this.#work.slice(0, this.#length);
  }

  #take(bytes: Uint8Array): void {
    this.#length = Math.min(bytes.length, maxInputBytes);
    this.#work.set(bytes.subarray(0, this.#length));
  }

  #mutate(): void {
    const random = this.#random;
    const at = random.below(Math.max(1, this.#length));
    switch (random.below(9)) {
      case 0:
        this.#work[at] = (this.#work[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        this.#work[at] = random.below(256);
        break;
      case 2:
        this.#work[at] = random.pick(turningPoints);
        break;
      case 3:
        this.#work[at] = (this.#work[at] as number) + random.below(5) - 2;
        break;
      case 4:
        this.#length = at; // cut off
        break;
      case 5:
        this.#insert(at, random.below(16) + 1);
        break;
      case 6:
        this.#remove(at, random.below(16) + 1);
        break;
      case 7:
        this.#work.copyWithin(random.below(this.#length + 1), at, at + random.below(32) + 1);
        break;
      default:
        this.#splice(at);
    }
  }

  #insert(at: number, count: number): void {
    const bytes = Math.min(count, maxInputBytes - this.#length);
    this.#work.copyWithin(at + bytes, at, this.#length);
    for (let i = 0; i < bytes; i++) this.#work[at + i] = this.#random.below(256);
    this.#length += bytes;
  }

  #remove(at: number, count: number): void {
    const bytes = Math.min(count, this.#length - at);
    this.#work.copyWithin(at, at + bytes, this.#length);
    this.#length -= Math.max(0, bytes);
  }

  /** From `at` on, the end of another example. */
  #splice(at: number): void {
    if (this.#corpus.length === 0) return;
    const other = this.#random.pick(this.#corpus);
    const from = this.#random.below(other.length + 1);
    const bytes = Math.min(other.length - from, maxInputBytes - at);
    this.#work.set(other.subarray(from, from + bytes), at);
    this.#length = at + bytes;
  }
}
