import type { VirtualClock } from './virtual-clock.ts';

/** How a path loses packets: a share of them, in runs of a mean length (1: each by itself). */
export type PathLoss = { share: number; burst: number };

/** One direction of a leg: a fixed delay, and losses. */
export class LossyPath {
  readonly #clock: VirtualClock;
  readonly #delayUs: number;
  readonly #loss: PathLoss;
  readonly #random: () => number;
  #isBad = false;

  constructor(clock: VirtualClock, delayUs: number, loss: PathLoss, random: () => number) {
    this.#clock = clock;
    this.#delayUs = delayUs;
    this.#loss = loss;
    this.#random = random;
  }

  /** Sends something that calls `arrive` unless it is lost. */
  send(arrive: () => void): void {
    if (!this.#isLost()) this.#clock.at(this.#clock.nowUs + this.#delayUs, arrive);
  }

  #isLost(): boolean {
    const { share, burst } = this.#loss;
    if (share === 0) return false;
    if (burst <= 1) return this.#random() < share;
    const toBad = share / ((1 - share) * burst);
    this.#isBad = this.#random() < (this.#isBad ? 1 - 1 / burst : toBad);
    return this.#isBad;
  }
}
