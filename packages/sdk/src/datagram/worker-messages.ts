import { type MessageLabel, messageWays } from '@longreach/protocol';
import { MessageLink } from '@longreach/rtp/receive';

export type WorkerMessagesOptions = {
  /** Microseconds of the worker's clock. */
  nowUs: () => number;
  sendPacket: (packet: Uint8Array<ArrayBuffer>) => boolean;
  onMessage: (label: MessageLabel, bytes: Uint8Array) => void;
  /** Bytes on the reliable way that are not acknowledged yet. */
  onWaiting: (bytes: number) => void;
};

/** The messages inside the datagram m-line: the worker's part, with the timer of repeats and copies. */
export class WorkerMessages {
  readonly #options: WorkerMessagesOptions;
  readonly #link: MessageLink<MessageLabel>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldWaiting = 0;
  #closed = false;

  constructor(options: WorkerMessagesOptions) {
    this.#options = options;
    const { sendPacket, onMessage } = options;
    this.#link = new MessageLink<MessageLabel>({ ways: messageWays, sendPacket, onMessage });
  }

  get isLossy(): boolean {
    return this.#link.isLossy;
  }

  send(label: MessageLabel, bytes: Uint8Array): void {
    this.#link.send(label, bytes, this.#options.nowUs());
    this.#settle();
  }

  handlePacket(packet: Uint8Array): void {
    this.#link.handlePacket(packet, this.#options.nowUs());
    this.#settle();
  }

  /** To the media worker and back; undefined while unknown. */
  get roundTripUs(): number | undefined {
    return this.#link.roundTripUs;
  }

  /** Nothing is repeated any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #settle(): void {
    if (this.#closed) return;
    const { waitingBytes, nextDeadlineUs } = this.#link;
    if (waitingBytes !== this.#toldWaiting) this.#options.onWaiting(waitingBytes);
    this.#toldWaiting = waitingBytes;
    clearTimeout(this.#timer);
    if (nextDeadlineUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, nextDeadlineUs - this.#options.nowUs()) / 1000;
    this.#timer = setTimeout(() => {
      this.#link.tick(this.#options.nowUs());
      this.#settle();
    }, waitMs);
  }
}
