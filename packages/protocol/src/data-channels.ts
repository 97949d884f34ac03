/** Data channels of the connection that carries them, with the reliability of each. */
export const dataChannels = {
  /** Remote to machine: command frames. A frame is dropped when anything is still buffered. */
  control: { ordered: false, maxRetransmits: 0 },
  /** Remote to machine: command frames that must arrive (opaque qos 1, re-arm, emergency stop). */
  command: { ordered: true },
  /** Machine and worker to remote: report frames. */
  report: { ordered: false, maxRetransmits: 0 },
  /** Clock exchange of either side with the worker. */
  clock: { ordered: false, maxRetransmits: 0 },
  /** Datagram player to worker: RTCP packets about the packets inside its datagram m-line (`datagram.ts`). */
  feedback: { ordered: false, maxRetransmits: 0 },
} as const;
export type DataChannelLabel = keyof typeof dataChannels;
