/** Pictures over which output and target are compared. */
const meanPictures = 12;
/** The encoder's own control stays below its target by up to this. */
const greatestTrim = 1.25;
/** So far below, the pictures simply need no more (the best quantiser is reached): nothing to make up for. */
const contentShare = 0.7;
/** Share of the remaining difference that a step makes up for. */
const gain = 0.35;
/** Pictures between two steps, and the least step worth taking. */
const stepPictures = 6;
const leastStep = 0.02;
/** A fall of the target by more begins anew. */
const fallShare = 0.9;

/** Finds by how much an encoder must be told more than its target to meet it. Pure. */
export class RateTrim {
  #trim = 1;
  #targetBytes = 0;
  #meanShare = 1;
  #pictures = 0;

  /** What the target is to be multiplied by. */
  get factor(): number {
    return this.#trim;
  }

  /** The target is `bytes` a picture from now on. */
  setTarget(bytes: number): void {
    if (bytes < this.#targetBytes * fallShare) this.#trim = 1;
    if (bytes !== this.#targetBytes) {
      this.#meanShare = 1;
      this.#pictures = 0;
    }
    this.#targetBytes = bytes;
  }

  /** A picture of `bytes` was made; true when `factor` changed. */
  handlePicture(bytes: number): boolean {
    this.#meanShare += (bytes / this.#targetBytes - this.#meanShare) / meanPictures;
    this.#pictures += 1;
    if (this.#pictures < meanPictures || this.#pictures % stepPictures !== 0) return false;
    const isContent = this.#meanShare < contentShare;
    const wanted = isContent ? 1 : this.#trim * (1 + gain * (1 - this.#meanShare));
    const next = Math.max(1, Math.min(greatestTrim, wanted));
    if (Math.abs(next - this.#trim) < leastStep) return false;
    this.#trim = next;
    return true;
  }
}
