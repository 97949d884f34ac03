import type { LinkDropCause } from './link-model.ts';

/** Why a packet did not get through: the link's causes, `cut`, and `overflow` of the emulator's own limits. */
export type DropCause = LinkDropCause | 'cut' | 'overflow';

/**
 * What happened in one direction: arrived + duplicated = delivered + dropped + waiting. A benchmark whose `overflow` is
 * not 0 asked too much of the emulator.
 */
export type PathCounts = {
  arrivedPackets: number;
  arrivedBytes: number;
  deliveredPackets: number;
  deliveredBytes: number;
  droppedPackets: Record<DropCause, number>;
  droppedBytes: number;
  duplicatedPackets: number;
  /** On the way now. */
  waitingPackets: number;
  waitingBytes: number;
};

/** Counts the packets of one direction. */
export class PathCounters {
  readonly #counts: Omit<PathCounts, 'droppedPackets'> = {
    arrivedPackets: 0,
    arrivedBytes: 0,
    deliveredPackets: 0,
    deliveredBytes: 0,
    droppedBytes: 0,
    duplicatedPackets: 0,
    waitingPackets: 0,
    waitingBytes: 0,
  };
  readonly #dropped: Record<DropCause, number> = {
    loss: 0,
    queue: 0,
    outage: 0,
    cut: 0,
    overflow: 0,
  };

  /** A packet of `bytes` payload bytes came. */
  countArrival(bytes: number): void {
    this.#counts.arrivedPackets += 1;
    this.#counts.arrivedBytes += bytes;
  }

  /** A packet will be delivered once more than it came. */
  countDuplicate(): void {
    this.#counts.duplicatedPackets += 1;
  }

  /** A packet begins (`change` 1) or ends (-1) to wait. */
  countWaiting(bytes: number, change: 1 | -1): void {
    this.#counts.waitingPackets += change;
    this.#counts.waitingBytes += change * bytes;
  }

  /** A packet went out. */
  countDelivery(bytes: number): void {
    this.#counts.deliveredPackets += 1;
    this.#counts.deliveredBytes += bytes;
  }

  /** A packet ended here. */
  countDrop(bytes: number, cause: DropCause): void {
    this.#dropped[cause] += 1;
    this.#counts.droppedBytes += bytes;
  }

  /** The counts now; they do not change with later packets. */
  snapshot(): PathCounts {
    return { ...this.#counts, droppedPackets: { ...this.#dropped } };
  }
}
