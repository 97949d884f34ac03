import { unwrapSequence } from '../sequence-number.ts';

/** Packets of one measurement, and its share in the running mean. */
const windowPackets = 32;
const newShare = 1 / 3;

/** Share of numbered packets that do not arrive. */
export class ArrivalShare {
  #lossShare = 0;
  #newest = -1;
  #windowEnd = -1;
  #arrived = 0;

  /** 0 to 1. */
  get lossShare(): number {
    return this.#lossShare;
  }

  /** A packet arrived. */
  handlePacket(packetNumber: number): void {
    if (this.#newest < 0) this.#begin(packetNumber);
    const number = unwrapSequence(this.#newest, packetNumber);
    this.#newest = Math.max(this.#newest, number);
    this.#arrived++;
    if (this.#newest < this.#windowEnd) return;
    const expected = this.#newest - (this.#windowEnd - windowPackets);
    const lost = Math.max(0, 1 - this.#arrived / expected);
    this.#lossShare += (lost - this.#lossShare) * newShare;
    this.#begin(this.#newest);
  }

  #begin(number: number): void {
    this.#newest = number;
    this.#windowEnd = number + windowPackets;
    this.#arrived = 0;
  }
}
