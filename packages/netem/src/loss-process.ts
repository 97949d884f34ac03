import type { LossSettings } from './link-settings.ts';
import { SeededRandom } from './seeded-random.ts';

/** Decides packet after packet which are lost; time plays no part, so a seed loses the same ones in every run. */
export class LossProcess {
  readonly #random: SeededRandom;
  /** Shares for the next packet to be lost after one that passed and after one that was lost. */
  readonly #afterPassed: number;
  readonly #afterLost: number;
  #wasLost = false;

  constructor(settings: LossSettings | undefined, seed: number) {
    this.#random = new SeededRandom(seed);
    const share = settings?.share ?? 0;
    // Gilbert-Elliott with losses in the bad state only: it lasts B packets on average and holds the share L of all,
    // so it ends with 1/B and begins with L / (B (1 - L)).
    const isBursts = settings?.kind === 'bursts';
    this.#afterLost = isBursts ? 1 - 1 / settings.meanBurstPackets : share;
    this.#afterPassed = isBursts ? share / (settings.meanBurstPackets * (1 - share)) : share;
  }

  /** Whether the next packet is lost. */
  next(): boolean {
    this.#wasLost = this.#random.next() < (this.#wasLost ? this.#afterLost : this.#afterPassed);
    return this.#wasLost;
  }
}
