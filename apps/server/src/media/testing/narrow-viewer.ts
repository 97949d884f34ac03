import { ArrivalLog, isRtcp } from '@longreach/rtp';
import { isMessage } from './message-end.ts';
import type { End } from './worker-bed.ts';

/** Bytes of the outer packet before the one inside. */
export const outerBytes = 20;
const transportSequenceAt = 17;
const stepMs = 5;

/** What a viewer's link does to the packets of a datagram line. */
export type LinkOptions = {
  /** Whether the n-th packet gets lost. */
  drops?: (n: number) => boolean;
  /** Default unlimited. */
  bitrateBps?: number;
  onPacket?: (inner: Buffer, nowUs: number) => void;
};

/** The receiving end of a datagram line over a bad link: loses and delays what came, and tells what arrived. */
export class NarrowViewer {
  readonly #end: End;
  readonly #options: LinkOptions;
  readonly #log = new ArrivalLog();
  readonly #queue: Array<{ packet: Buffer; atUs: number }> = [];
  readonly #timer: NodeJS.Timeout;
  #seen = 0;
  #packets = 0;
  #freeUs = 0;

  constructor(end: End, options: LinkOptions) {
    this.#end = end;
    this.#options = options;
    this.#timer = setInterval(() => this.#step(performance.now() * 1_000), stepMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #step(nowUs: number): void {
    const received = this.#end.packets[0] ?? [];
    for (; this.#seen < received.length; this.#seen++) {
      const packet = received[this.#seen] as Buffer;
      if (!isRtcp(packet)) this.#enqueue(packet, nowUs);
    }
    while (this.#queue[0] && this.#queue[0].atUs <= nowUs) {
      const { packet, atUs } = this.#queue.shift() as { packet: Buffer; atUs: number };
      this.#log.handlePacket(packet.readUInt16BE(transportSequenceAt), atUs);
      if (!isMessage(packet)) this.#options.onPacket?.(packet.subarray(outerBytes), nowUs);
    }
    const mediaSsrc = this.#end.answer[0]?.ssrcs[0] ?? 0;
    for (let i = 0; i < 8; i++) {
      const feedback = this.#log.takeFeedback(nowUs, 1, mediaSsrc);
      if (!feedback) return;
      this.#end.tracks[0]?.send(feedback);
    }
  }

  #enqueue(packet: Buffer, nowUs: number): void {
    this.#packets += 1;
    if (this.#options.drops?.(this.#packets)) return;
    const { bitrateBps } = this.#options;
    const serialUs = bitrateBps === undefined ? 0 : (packet.length * 8e6) / bitrateBps;
    this.#freeUs = Math.max(this.#freeUs, nowUs) + serialUs;
    this.#queue.push({ packet, atUs: this.#freeUs });
  }
}
