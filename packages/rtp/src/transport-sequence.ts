/** Counts the transport-wide sequence numbers of one peer connection, all its streams together. */
export class TransportSequence {
  #next: number;

  constructor(first = 1) {
    this.#next = first & 0xffff;
  }

  /** The number for the packet that is sent now. */
  take(): number {
    const sequence = this.#next;
    this.#next = (sequence + 1) & 0xffff;
    return sequence;
  }
}
