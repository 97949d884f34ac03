/** Bits for each pixel that a usual scene needs. */
const usualBitsPerPixel = 0.045;
/** An encoder that makes less than this share of its rate has enough; one that makes more than that may want more. */
const enough = 0.75;
const scarce = 0.88;
/** The least that a scene is believed to need, of a usual one. */
const leastDemand = 0.1;
/** How soon less is believed, and how soon a scene that takes all it gets counts as a usual one again, µs. */
const fallUs = 1_000_000;
const riseUs = 700_000;

/** What an encoder was told. */
export type ToldPicture = { bitrateBps: number; pixels: number; fps: number };

/**
 * How much a scene needs compared with a usual one, by what its encoder makes of its rate: a parked machine's camera
 * needs no smaller pictures where a driving one's would. Pure: time is given, µs.
 */
export class SceneDemand {
  #share = 1;
  #updatedUs: number | undefined;

  /** 0.1 to 1; 1 = as much as usual. */
  get share(): number {
    return this.#share;
  }

  /** The encoder makes `usedBps` of what it was told. */
  update(usedBps: number, { bitrateBps, pixels, fps }: ToldPicture, nowUs: number): void {
    const elapsedUs = Math.max(0, nowUs - (this.#updatedUs ?? nowUs));
    this.#updatedUs = nowUs;
    if (usedBps > scarce * bitrateBps) {
      this.#share = Math.min(1, this.#share * Math.exp(elapsedUs / riseUs));
    } else if (usedBps < enough * bitrateBps) {
      const seen = Math.max(leastDemand, usedBps / (pixels * fps * usualBitsPerPixel));
      const step = seen > this.#share ? 1 : 1 - Math.exp(-elapsedUs / fallUs);
      this.#share = Math.min(1, this.#share + (seen - this.#share) * step);
    }
  }
}
