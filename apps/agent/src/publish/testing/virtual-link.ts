/** One direction of a network for tests under virtual time. */
export type VirtualLinkOptions = {
  delayUs: number;
  /** Share of packets lost, 0 to 1. */
  lossShare?: number;
  /** Packets lost in a row, on average. Default: what chance gives. */
  burstPackets?: number;
  /** Rate at a time, bit/s; absent = unlimited. */
  rateBpsAt?: (nowUs: number) => number;
  /** Longest wait in the queue, µs. Default 200,000. */
  queueUs?: number;
  /** Delay on top at a time, µs. */
  extraDelayUsAt?: (nowUs: number) => number;
  /** Whether nothing passes at a time. */
  isOutAt?: (nowUs: number) => boolean;
  seed: number;
};

const ipBytes = 28;

/** Says when each packet arrives, or that it does not. Pure and seeded. */
export class VirtualLink {
  readonly #options: VirtualLinkOptions;
  #state: number;
  #isLosing = false;
  #freeUs = 0;
  #lastUs = 0;

  constructor(options: VirtualLinkOptions) {
    this.#options = options;
    this.#state = (options.seed * 2654435761 + 1) >>> 0;
  }

  /** Time of arrival, µs; undefined = lost. */
  handlePacket(bytes: number, nowUs: number): number | undefined {
    const { delayUs, rateBpsAt, queueUs = 200_000, isOutAt } = this.#options;
    const isLost = this.#loses();
    let leavesUs = nowUs;
    if (rateBpsAt) {
      const startsUs = Math.max(nowUs, this.#freeUs);
      if (startsUs - nowUs > queueUs) return undefined;
      leavesUs = startsUs + ((bytes + ipBytes) * 8e6) / rateBpsAt(startsUs);
      this.#freeUs = leavesUs;
    }
    if (isLost || isOutAt?.(leavesUs)) return undefined;
    const extraUs = this.#options.extraDelayUsAt?.(leavesUs) ?? 0;
    this.#lastUs = Math.max(this.#lastUs, leavesUs + delayUs + extraUs);
    return this.#lastUs;
  }

  #loses(): boolean {
    const { lossShare = 0, burstPackets = 1 / (1 - lossShare) } = this.#options;
    const draw = this.#random();
    if (this.#isLosing) this.#isLosing = draw >= 1 / burstPackets;
    else this.#isLosing = draw < lossShare / ((1 - lossShare) * burstPackets);
    return this.#isLosing;
  }

  /** mulberry32, 0 to 1. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
