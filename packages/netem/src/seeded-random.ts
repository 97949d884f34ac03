/** Mixes two 32-bit numbers into a share of 0 (inclusive) to 1 (exclusive); the n-th value of a seed without the ones before. */
export function shareOf(seed: number, n: number): number {
  let z = (seed + Math.imul(n, 0x6d2b79f5)) | 0;
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
}

/** A seed for a part of what `seed` stands for, so that parts draw independently of each other. */
export function derivedSeed(seed: number, part: number): number {
  return Math.floor(shareOf(Math.imul(seed, 0x9e3779b1) ^ (seed >>> 15), part + 1) * 2 ** 32) | 0;
}

/** Random numbers that a seed repeats (the mulberry32 sequence). */
export class SeededRandom {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.#drawn = (this.#drawn + 1) | 0;
    return shareOf(this.#seed, this.#drawn);
  }

  /** A number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
}
