import { randomInt } from 'node:crypto';
import type { DatagramLine } from './datagram-line.ts';
import type { ParityBlock } from './parity-block.ts';
import type { SendLeg, SendPurpose } from './send-leg.ts';
import type { SlotOutlet } from './slot-outlet.ts';

/** A place inside a datagram m-line: repeats are the same packet again, and frames get parity. */
export class DatagramOutlet implements SlotOutlet {
  readonly ssrc: number;
  readonly #line: DatagramLine;
  readonly #leg: SendLeg;
  #paritySequence = randomInt(0x10000);

  /** `place`: in the offer's list of virtual mids. */
  constructor(line: DatagramLine, place: number, leg: SendLeg) {
    this.#line = line;
    this.ssrc = place;
    this.#leg = leg;
  }

  onOpen(listener: () => void): void {
    this.#line.onOpen(listener);
  }

  send(packet: Uint8Array, sequence: number, timestamp: number, nowUs: number): boolean {
    return this.#line.sendMedia(packet, this.ssrc, sequence, timestamp, 'media', nowUs);
  }

  repeat(
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    purpose: SendPurpose,
    nowUs: number,
  ): boolean {
    return this.#line.sendMedia(packet, this.ssrc, sequence, timestamp, purpose, nowUs);
  }

  protect(block: ParityBlock, baseSequence: number, timestamp: number, nowUs: number): void {
    const announced = this.#leg.parityFor(block.sources.length);
    for (let row = 0; row < announced; row++) {
      const payload = block.row(row);
      if (!payload) return;
      const sequence = this.#paritySequence;
      this.#paritySequence = (sequence + 1) & 0xffff;
      const parity = { payload, announced, baseSequence, sequence, timestamp };
      this.#line.sendParity(parity, this.ssrc, nowUs);
    }
  }

  /** The player knows the machine's clock by other ways. */
  report(): void {}
}
