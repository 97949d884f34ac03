import { timestampDistance } from '../sequence-number.ts';

/** A step of the timestamp past 10 s says nothing of time. */
const maxPlausibleTicks = 900_000;

/** How far a source has come: its newest packet, its newest frame, its pace. */
export class SourceProgress {
  /** Extended sequence of the newest packet; NaN before the first. */
  newest = Number.NaN;
  /** Whether the newest packet ended its frame. */
  newestMarker = true;
  /** Timestamp of the newest frame, and when its first and its newest packet came. */
  timestamp = 0;
  frameStartUs = 0;
  lastUs = 0;
  /** When parity came last; −Infinity for never. */
  parityUs = Number.NEGATIVE_INFINITY;
  /** Mean time between packets of one frame. */
  packetGapUs = 0;
  /** Usual step of the timestamp from frame to frame; 0 until known. */
  #frameTicks = 0;

  /** The source begins (anew) after this packet. */
  begin(newest: number, timestamp: number, nowUs: number): void {
    this.newest = newest;
    this.newestMarker = true;
    this.timestamp = timestamp;
    this.frameStartUs = nowUs;
    this.lastUs = nowUs;
    this.#frameTicks = 0;
  }

  /** A packet newer than all came. */
  advance(extended: number, timestamp: number, marker: boolean, nowUs: number): void {
    const isNext = extended === this.newest + 1;
    const ticks = timestampDistance(this.timestamp, timestamp);
    if (ticks === 0) {
      if (isNext) this.packetGapUs += (nowUs - this.lastUs - this.packetGapUs) / 16;
    } else {
      if (isNext && ticks > 0 && ticks < maxPlausibleTicks) this.#learnFrameTicks(ticks);
      this.timestamp = timestamp;
      this.frameStartUs = nowUs;
    }
    this.newest = extended;
    this.newestMarker = marker;
    this.lastUs = nowUs;
  }

  /** Time of the frames between the newest and one with this timestamp, in ticks; 0 where it says nothing. */
  ticksSkippedBy(timestamp: number): number {
    const ticks = timestampDistance(this.timestamp, timestamp);
    return ticks < maxPlausibleTicks ? Math.max(0, ticks - this.#frameTicks) : 0;
  }

  #learnFrameTicks(ticks: number): void {
    if (this.#frameTicks === 0) this.#frameTicks = ticks;
    else this.#frameTicks += (ticks - this.#frameTicks) / 8;
  }
}
