import { timestampDistance, videoClockRate } from '@longreach/rtp';

/** Frames whose packets may still come: at 30 a second a quarter of a second, time enough for a repeat. */
const awaitedFrames = 8;
/** A timestamp so far from the newest one begins anew: the machine's clock stepped, ticks of 90 kHz. */
const stepTicks = 10 * videoClockRate;
const ticksPerUs = videoClockRate / 1_000_000;
const twoTo32 = 2 ** 32;
const maxFrames = 0xffff;

/**
 * How long the frames of one source take from their capture until their last packet is here, repairs included: the
 * difference of two clocks (ours − the machine's, in which RTP timestamps are), which a viewer who knows the offset
 * between them makes a delay of. Runs for every packet, and allocates nothing.
 */
export class FrameArrivals {
  /** The newest frames, in a ring; -1 = none. */
  readonly #timestamps = new Float64Array(awaitedFrames).fill(-1);
  readonly #lastUs = new Float64Array(awaitedFrames);
  /** Whether a frame's marker, so its end, came. */
  readonly #hasEnd = new Uint8Array(awaitedFrames);
  #at = 0;
  #newest = -1;
  #baseTicks = 0;
  #sumTicks = 0;
  #count = 0;
  #frames = 0;
  #delayTicks = 0;

  /** Frames of the last period that was closed. */
  get frames(): number {
    return this.#frames;
  }

  /** Their mean of arrival (our clock) − timestamp, 90 kHz, mod 2³². */
  get delayTicks(): number {
    return this.#delayTicks;
  }

  /** A packet is here, by itself, repeated or recovered. */
  handlePacket(timestamp: number, isEnd: boolean, nowUs: number): void {
    const at = this.#find(timestamp);
    if (at < 0) return;
    this.#lastUs[at] = nowUs;
    if (isEnd) this.#hasEnd[at] = 1;
  }

  /** Ends the period; its figures are given until the next one ends. */
  closePeriod(): void {
    this.#frames = Math.min(this.#count, maxFrames);
    const meanTicks = this.#count === 0 ? 0 : Math.round(this.#sumTicks / this.#count);
    this.#delayTicks = (this.#baseTicks + meanTicks) >>> 0;
    this.#sumTicks = 0;
    this.#count = 0;
  }

  /** Place of a frame in the ring; -1 for one that is no longer waited for. */
  #find(timestamp: number): number {
    for (let back = 0; back < awaitedFrames; back++) {
      const at = (this.#at - back + awaitedFrames) % awaitedFrames;
      if (this.#timestamps[at] === timestamp) return at;
    }
    const ahead = this.#newest < 0 ? 0 : timestampDistance(this.#newest, timestamp);
    if (Math.abs(ahead) > stepTicks) this.#forget();
    else if (ahead < 0 && this.#isGivenUp(timestamp)) return -1;
    return this.#begin(timestamp);
  }

  /** The oldest frame makes room: what is not here by now will not be shown either. */
  #begin(timestamp: number): number {
    const at = (this.#at + 1) % awaitedFrames;
    if (this.#hasEnd[at] === 1)
      this.#add(this.#timestamps[at] as number, this.#lastUs[at] as number);
    this.#at = at;
    this.#timestamps[at] = timestamp;
    this.#hasEnd[at] = 0;
    if (this.#newest < 0 || timestampDistance(this.#newest, timestamp) > 0)
      this.#newest = timestamp;
    return at;
  }

  #add(timestamp: number, lastUs: number): void {
    const ticks = ((Math.round(lastUs * ticksPerUs) - timestamp) % twoTo32) >>> 0;
    if (this.#count === 0) this.#baseTicks = ticks;
    this.#sumTicks += timestampDistance(this.#baseTicks, ticks);
    this.#count += 1;
  }

  /** Whether a frame is older than all that are waited for. */
  #isGivenUp(timestamp: number): boolean {
    for (const known of this.#timestamps) {
      if (known < 0 || timestampDistance(known, timestamp) > 0) return false;
    }
    return true;
  }

  #forget(): void {
    this.#timestamps.fill(-1);
    this.#hasEnd.fill(0);
    this.#newest = -1;
  }
}
