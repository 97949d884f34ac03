import type { LinkSchedule } from './link-schedule.ts';
import type { QueueSettings } from './link-settings.ts';

/** IPv4 and UDP headers: a link's rate counts them, a UDP socket does not show them. */
const headerBytes = 28;
/** Left-over room of the ring is given back when it is this long and mostly empty. */
const compactAt = 1024;

/** A link of limited rate with a queue before it, which drops what finds it full. */
export class Bottleneck {
  readonly #schedule: LinkSchedule;
  readonly #queue: QueueSettings;
  /** What has not been sent yet, in order: from `#head` on. */
  readonly #departuresUs: number[] = [];
  readonly #sizes: number[] = [];
  #head = 0;
  #queuedBytes = 0;
  #busyUntilUs = Number.NEGATIVE_INFINITY;

  constructor(schedule: LinkSchedule, queue: QueueSettings) {
    this.#schedule = schedule;
    this.#queue = queue;
  }

  /** When the packet's last bit has been sent, µs; undefined when the queue has no room. */
  handlePacket(payloadBytes: number, nowUs: number): number | undefined {
    this.#forgetSent(nowUs);
    const bytes = payloadBytes + headerBytes;
    // A link that is free takes any packet: a queue is for those that must wait.
    const isFree = this.#queuedBytes === 0;
    if (!isFree && this.#queuedBytes + bytes > this.#limitBytes(nowUs)) return undefined;
    const fromUs = Math.max(nowUs, this.#busyUntilUs);
    const departureUs = this.#schedule.transmissionEndUs(fromUs, bytes * 8);
    this.#busyUntilUs = departureUs;
    if (departureUs > nowUs) {
      this.#departuresUs.push(departureUs);
      this.#sizes.push(bytes);
      this.#queuedBytes += bytes;
    }
    return departureUs;
  }

  #limitBytes(nowUs: number): number {
    if ('bytes' in this.#queue) return this.#queue.bytes;
    return (this.#queue.ms * 1000 * this.#schedule.phaseAt(nowUs).queueBitsPerUs) / 8;
  }

  #forgetSent(nowUs: number): void {
    while (this.#head < this.#sizes.length && (this.#departuresUs[this.#head] as number) <= nowUs) {
      this.#queuedBytes -= this.#sizes[this.#head] as number;
      this.#head += 1;
    }
    if (this.#head >= compactAt && this.#head * 2 >= this.#sizes.length) {
      this.#departuresUs.splice(0, this.#head);
      this.#sizes.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
