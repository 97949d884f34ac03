import type { LossRequestTimes } from './loss-requests.ts';

/** Bounds and times of a repair. */
export type RepairReceiverOptions = Partial<LossRequestTimes> & {
  /** Packets remembered; a power of two. Default 2,048. */
  packets?: number;
  /** Payload and parity held at a time, each. Default 2 MiB. */
  bytes?: number;
  /** Incomplete blocks held at a time. Default 64. */
  blocks?: number;
  /** A hole of more packets is filled by a key frame. Default 128. */
  maxHole?: number;
  /** A hole of a longer time is filled by a key frame. Default 200,000 µs. */
  maxHoleUs?: number;
  /** Free bytes before the payload of a recovered packet, for a header. Default 0. */
  headroom?: number;
};

/** The times among the options, with their defaults. */
export function timesOf(options: RepairReceiverOptions): LossRequestTimes {
  return {
    reorderPackets: options.reorderPackets ?? 3,
    reorderUs: options.reorderUs ?? 5_000,
    parityWaitUs: options.parityWaitUs ?? 8_000,
    initialRttUs: options.initialRttUs ?? 50_000,
    minRetryUs: options.minRetryUs ?? 10_000,
    deadlineUs: options.deadlineUs ?? 400_000,
  };
}
