/** Packets and bytes of one direction. */
export type PathCounts = {
  passedPackets: number;
  passedBytes: number;
  droppedPackets: number;
  droppedBytes: number;
};

/** Counts what passed and what was dropped in one direction. */
export class PathCounters {
  readonly #counts: PathCounts = {
    passedPackets: 0,
    passedBytes: 0,
    droppedPackets: 0,
    droppedBytes: 0,
  };

  /** Counts one packet of `bytes` payload bytes. */
  count(bytes: number, passed: boolean): void {
    this.#counts[passed ? 'passedPackets' : 'droppedPackets']++;
    this.#counts[passed ? 'passedBytes' : 'droppedBytes'] += bytes;
  }

  /** The counts now; they do not change with later packets. */
  snapshot(): PathCounts {
    return { ...this.#counts };
  }
}
