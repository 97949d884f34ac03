/** Packets of a key frame that leave at once; a burst of a hundred would overflow a socket buffer. */
const keyBurstPackets = 12;
/** Packets of any other frame that leave at once: all of them, for any frame that is not itself a burst. */
const deltaBurstPackets = 48;
/** Time between bursts, ms. */
const stepMs = 1;
/** Packets that may wait; a frame beyond it is refused whole. */
const maxWaiting = 2048;

/**
 * Spreads the packets of one stream so that a big frame does not overflow socket buffers. Packets stay in order;
 * when nothing waits, a delta frame leaves at once, without any timer.
 */
export class PacketPacer {
  readonly #send: (packet: Buffer) => void;
  #waiting: Buffer[] = [];
  #at = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (packet: Buffer) => void) {
    this.#send = send;
  }

  /** Sends the packets of one frame, or queues them; false when there is no room, and then nothing is sent. */
  sendFrame(packets: Buffer[], isKey: boolean): boolean {
    const waiting = this.#waiting.length - this.#at;
    if (waiting + packets.length > maxWaiting) return false;
    if (waiting > 0) {
      this.#waiting.push(...packets);
      return true;
    }
    const burst = isKey ? keyBurstPackets : deltaBurstPackets;
    const atOnce = packets.length <= burst ? packets : packets.slice(0, burst);
    for (const packet of atOnce) this.#send(packet);
    if (packets.length > burst) {
      this.#waiting = packets;
      this.#at = burst;
      this.#timer = setTimeout(() => this.#step(), stepMs);
    }
    return true;
  }

  /** Drops what waits. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#at = 0;
  }

  #step(): void {
    const end = Math.min(this.#waiting.length, this.#at + keyBurstPackets);
    while (this.#at < end) {
      const packet = this.#waiting[this.#at] as Buffer;
      this.#at += 1;
      this.#send(packet);
    }
    if (this.#at < this.#waiting.length) {
      this.#timer = setTimeout(() => this.#step(), stepMs);
      return;
    }
    this.#waiting = [];
    this.#at = 0;
  }
}
