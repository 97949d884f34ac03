import { machineClock } from '../local/machine-clock.ts';
import { type Lane, PacingQueue, type PacingRate } from './pacing-queue.ts';

/** Time between bursts, ms. */
const stepMs = 1;

/** Sends the packets of one connection at the pace of its queue; when nothing waits, a frame leaves without any timer. */
export class PacketPacer<Tag> {
  readonly #queue = new PacingQueue<Tag>();
  readonly #send: (packet: Uint8Array, tag: Tag) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (packet: Uint8Array, tag: Tag) => void) {
    this.#send = send;
  }

  /** Changes the pace. */
  setRate(rate: PacingRate): void {
    this.#queue.setRate(rate, machineClock.nowUs());
  }

  /** Sends packets at once or queues them; false when there is no room, and then nothing is sent. */
  push(lane: Lane, packets: readonly Uint8Array[], tag: Tag): boolean {
    const nowUs = machineClock.nowUs();
    if (!this.#queue.push(lane, packets, tag, nowUs)) return false;
    // Also while others wait: what is urgent may use what is left of the budget.
    this.#release(nowUs);
    return true;
  }

  /** Counts bytes that leave beside the queue. */
  spend(bytes: number): void {
    this.#queue.spend(bytes, machineClock.nowUs());
  }

  /** How long the link needs for what it was handed so far, µs. */
  backlogUs(): number {
    return this.#queue.backlogUs(machineClock.nowUs());
  }

  /** What waits for room, bytes. */
  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  /** Lets so much more leave, bytes. */
  setRoom(bytes: number): void {
    this.#queue.roomBytes = bytes;
    this.#release(machineClock.nowUs());
  }

  /** Drops what waits. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue.clear();
  }

  #release(nowUs: number): void {
    this.#queue.release(nowUs, this.#send);
    const dueUs = this.#queue.nextUs;
    if (dueUs === undefined || this.#timer !== undefined) return;
    const waitMs = Math.max(stepMs, Math.round((dueUs - nowUs) / 1000));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#release(machineClock.nowUs());
    }, waitMs);
  }
}
