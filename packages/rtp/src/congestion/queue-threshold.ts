/** What the threshold is judged from. */
export type QueueSample = {
  frameQueueUs: number | undefined;
  frameBeforeUs: number | undefined;
  queueUs: number;
  queueBeforeUs: number | undefined;
  standingUs: number;
  newestQueueUs: number;
  newestBps: number;
  sentBps: number;
  trainBps: number | undefined;
};

/** Standing queue that means over-use, on a link without jitter of its own; and the most that is put down to jitter. */
const minThresholdUs = 15_000;
const maxThresholdUs = 80_000;
/** The threshold is so many times what one frame's delay differs from the next one's. */
const jitterFactor = 2.5;
const jitterShare = 0.05;
const maxDifferenceUs = 30_000;
/** A queue this much above the threshold, and growing this fast, is not waited for to stand. */
const steepQueueUs = 30_000;
const steepGrowthUs = 20_000;
const fallingUs = 10_000;
/** Nor when the newest packets are so late and came much slower than they were sent. */
const collapseQueueUs = 25_000;
const collapseShare = 0.8;
/** The queue counts as drained below this, µs. */
const minDrainedUs = 8_000;
/** A packet's own time on a link that became thin looks like a queue, until the base (20 s) forgets the faster one. */
const packetBits = 9_600;
const maxOwnUs = 30_000;
const ownMemorySeconds = 15;
/** What false alarms added goes within so many seconds. */
const falseAlarmUs = 4_000;
const falseAlarmFadePerSecond = 0.95;

/** How much queue delay is too much on this link: jitter and thin links look like a queue (SPEC C6, C9). */
export class QueueThreshold {
  #jitterUs = 0;
  #falseAlarmUs = 0;
  /** A packet's own time on the wire, and the least of it that the base may know. */
  #wireUs: number | undefined;
  #leastWireUs = maxOwnUs;

  get #ownUs(): number {
    return (this.#wireUs ?? 0) - Math.min(this.#leastWireUs, this.#wireUs ?? 0);
  }

  /** Queue that means over-use when it stands. */
  get overuseUs(): number {
    const jitterUs = Math.max(minThresholdUs, jitterFactor * this.#jitterUs);
    return Math.min(maxThresholdUs, jitterUs + this.#falseAlarmUs + this.#ownUs / 2);
  }

  /** Queue below which it counts as drained. */
  get drainedUs(): number {
    return minDrainedUs + this.#ownUs + (this.overuseUs - minThresholdUs - this.#ownUs / 2) / 2;
  }

  /** Queue below which the rate may rise. */
  get calmUs(): number {
    return Math.max(this.drainedUs, this.overuseUs - 10_000);
  }

  /** Takes a sample. */
  update(sample: QueueSample, seconds: number, isDraining: boolean): void {
    this.#falseAlarmUs *= falseAlarmFadePerSecond ** seconds;
    if (sample.trainBps !== undefined) {
      const wireUs = Math.min(maxOwnUs, (packetBits * 1e6) / sample.trainBps);
      const forgotten = ((wireUs - this.#leastWireUs) * seconds) / ownMemorySeconds;
      this.#leastWireUs = Math.min(wireUs, this.#leastWireUs + Math.max(0, forgotten));
      this.#wireUs = wireUs;
    }
    const { frameQueueUs, frameBeforeUs } = sample;
    if (frameQueueUs === undefined || frameBeforeUs === undefined) return;
    // While a queue is emptied it has to fall: only rises are jitter.
    if (isDraining && frameQueueUs <= frameBeforeUs) return;
    const difference = Math.min(maxDifferenceUs, Math.abs(frameQueueUs - frameBeforeUs));
    this.#jitterUs += jitterShare * (difference - this.#jitterUs);
  }

  /** A queue was gone before anything was done about it. */
  handleFalseAlarm(): void {
    this.#falseAlarmUs = Math.min(maxThresholdUs, this.#falseAlarmUs + falseAlarmUs);
  }

  /** Whether a queue stands, or grows so fast that it will. */
  isOverused(sample: QueueSample, hasRoom: boolean): boolean {
    const growthUs = sample.queueUs - (sample.queueBeforeUs ?? sample.queueUs);
    const overuseUs = hasRoom ? maxThresholdUs : this.overuseUs;
    if (sample.standingUs > overuseUs && growthUs > -fallingUs) return true;
    return sample.queueUs > this.overuseUs + steepQueueUs && growthUs > steepGrowthUs;
  }

  /** Whether the link has just begun to carry much less. */
  isCollapsing({ newestQueueUs, newestBps, sentBps }: QueueSample): boolean {
    return newestQueueUs > this.overuseUs + collapseQueueUs && newestBps < collapseShare * sentBps;
  }
}
