import { encodeFec, type FecSource } from '@longreach/rtp';

/** Parity rows that are made at once: the code works on four of them in one pass. */
const rowsAtOnce = 4;

/** The packets of one frame (or part of one) of a source, and their parity: computed once for all viewers, when wanted. */
export class ParityBlock {
  readonly sources: readonly FecSource[];
  /** In the source's own time. */
  readonly timestamp: number;
  readonly #rows: Uint8Array[] = [];

  constructor(sources: readonly FecSource[], timestamp: number) {
    this.sources = sources;
    this.timestamp = timestamp;
  }

  /** Sequence of the first packet as the source numbers it. */
  get firstSequence(): number {
    return this.sources[0]?.sequence ?? 0;
  }

  /** The FEC payload of a row, shared: its header names the source's numbers; undefined past the last row. */
  row(index: number): Uint8Array | undefined {
    while (this.#rows.length <= index) {
      const rows = { first: this.#rows.length, count: rowsAtOnce, announced: 0 };
      const made = encodeFec(this.sources, rows, 0);
      if (made.length === 0) return undefined;
      this.#rows.push(...made);
    }
    return this.#rows[index];
  }
}
