import { inverse, multiply } from '../../../packages/rtp/src/fec/galois-field.ts';

/** A parity packet of the convolutional code: which packets it mixes; its factors follow from its number. */
export type MixedPacket = { id: number; first: number; last: number };

/** The factor of a packet in a parity packet: never 0, and looks random. */
function factorOf(id: number, sequence: number): number {
  const mixed = Math.imul((id * 0x9e3779b1) ^ (sequence * 0x85ebca6b), 0xc2b2ae35);
  return 1 + (((mixed ^ (mixed >>> 15)) >>> 0) % 255);
}

/**
 * Decoder of a random-coefficient code over the last frames, for comparison only: it works on factors, not on bytes,
 * and tells which packets could be computed.
 */
export class SlidingWindowDecoder {
  readonly #known = new Set<number>();
  /** Equations in echelon form, by their lowest unknown packet. */
  readonly #rows = new Map<number, Map<number, number>>();

  /** Unknown packets in the window for which equations are still lacking. */
  lacking(unknown: readonly number[]): number {
    return unknown.filter((sequence) => !this.#rows.has(sequence)).length;
  }

  /** A packet came; gives those that can now be computed. */
  handleMedia(sequence: number): number[] {
    if (this.#known.has(sequence)) return [];
    this.#known.add(sequence);
    const concerned = [...this.#rows.values()].filter((row) => row.has(sequence));
    for (const row of concerned) {
      this.#rows.delete(Math.min(...row.keys()));
      row.delete(sequence);
    }
    for (const row of concerned) this.#insert(row);
    return this.#solve();
  }

  /** A parity packet came; gives the packets that can now be computed. */
  handleParity({ id, first, last }: MixedPacket): number[] {
    const row = new Map<number, number>();
    for (let sequence = first; sequence <= last; sequence++) {
      if (!this.#known.has(sequence)) row.set(sequence, factorOf(id, sequence));
    }
    this.#insert(row);
    return this.#solve();
  }

  /** Packets before this one are of no interest any more. */
  forgetBefore(sequence: number): void {
    for (const [lowest] of this.#rows) if (lowest < sequence) this.#rows.delete(lowest);
    for (const old of this.#known) if (old < sequence) this.#known.delete(old);
  }

  #insert(row: Map<number, number>): void {
    while (row.size > 0) {
      const lowest = Math.min(...row.keys());
      const other = this.#rows.get(lowest);
      if (other === undefined) {
        this.#rows.set(lowest, row);
        return;
      }
      subtract(row, other, lowest);
    }
  }

  /** From the highest unknown down: rows with one unknown left are packets. */
  #solve(): number[] {
    const found: number[] = [];
    for (const lowest of [...this.#rows.keys()].sort((a, b) => b - a)) {
      const row = this.#rows.get(lowest) as Map<number, number>;
      for (const sequence of [...row.keys()]) {
        if (sequence === lowest) continue;
        const other = this.#rows.get(sequence);
        if (this.#known.has(sequence)) row.delete(sequence);
        else if (other?.size === 1) row.delete(sequence);
        else if (other !== undefined) subtract(row, other, sequence);
      }
      if (row.size === 1) found.push(lowest);
    }
    for (const sequence of found) {
      this.#known.add(sequence);
      this.#rows.delete(sequence);
    }
    return found;
  }
}

/** Takes the multiple of `other` away that leaves no share of `sequence`. */
function subtract(row: Map<number, number>, other: Map<number, number>, sequence: number): void {
  const factor = multiply(row.get(sequence) as number, inverse(other.get(sequence) as number));
  for (const [key, value] of other) {
    const rest = (row.get(key) ?? 0) ^ multiply(value, factor);
    if (rest === 0) row.delete(key);
    else row.set(key, rest);
  }
}
