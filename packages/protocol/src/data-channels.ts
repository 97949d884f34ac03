/** Data channels of a connection without a datagram m-line, with the reliability of each. */
export const dataChannels = {
  /** Remote to machine: command frames. A frame is dropped when anything is still buffered. */
  control: { ordered: false, maxRetransmits: 0 },
  /** Remote to machine: command frames that must arrive (opaque qos 1, re-arm, emergency stop). */
  command: { ordered: true },
  /** Machine and worker to remote: report frames. */
  report: { ordered: false, maxRetransmits: 0 },
  /** Clock exchange of either side with the worker. */
  clock: { ordered: false, maxRetransmits: 0 },
} as const;
export type DataChannelLabel = keyof typeof dataChannels;

/**
 * The same messages inside a datagram m-line, where nothing is held back by a loss: the number of each label, and what
 * is done about losses.
 */
export const messageWays = {
  /** Copies while packets get lost. */
  control: { number: 1, delivery: 'urgent' },
  /** Repeated until it is acknowledged, in order. */
  command: { number: 2, delivery: 'reliable' },
  report: { number: 3, delivery: 'once' },
  clock: { number: 4, delivery: 'once' },
  /** Datagram player to worker: RTCP packets about the slots inside the m-line. */
  feedback: { number: 5, delivery: 'once' },
} as const;
export type MessageLabel = keyof typeof messageWays;
