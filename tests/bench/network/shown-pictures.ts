import { FreezeMeter, type FreezePeriod } from '../../../packages/telemetry/src/freeze-rate.ts';
import { latencyMs } from '../latency/figures.ts';
import type { Sighting, StampReading } from '../latency/stamp-reading.ts';

/** Half of the counter's range: what is farther ahead is behind. */
const halfRange = 2 ** 23;
const counterMask = 2 ** 24 - 1;

/** A new picture on the screen, times in ms of the machine clock. */
export type ShownPicture = { seenMs: number; latencyMs: number };

/** What showed in the measured time. */
export type ShownPictures = {
  pictures: ShownPicture[];
  freezes: FreezePeriod;
  worstGapMs: number;
  startMs: number;
  endMs: number;
};

/** Pictures whose counter advances, and the gaps between them; the first gap begins with the picture before. */
export function shownPictures(
  reading: StampReading,
  lastBefore: Sighting | undefined,
): ShownPictures {
  const { startedUs, endedUs } = reading;
  const startMs = startedUs / 1000;
  const meter = new FreezeMeter((lastBefore?.seenUs ?? startedUs) / 1000);
  if (lastBefore) {
    meter.handleFrame(lastBefore.seenUs / 1000);
    meter.closePeriod(startMs);
  }
  const pictures: ShownPicture[] = [];
  let [lastFrame, lastMs] = [lastBefore?.frame, startMs];
  let worstGapMs = 0;
  for (const sighting of reading.sightings) {
    if (lastFrame !== undefined && !isAfter(sighting.frame, lastFrame)) continue;
    const seenMs = sighting.seenUs / 1000;
    meter.handleFrame(seenMs);
    pictures.push({ seenMs, latencyMs: latencyMs(sighting) });
    worstGapMs = Math.max(worstGapMs, seenMs - lastMs);
    [lastFrame, lastMs] = [sighting.frame, seenMs];
  }
  const endMs = endedUs / 1000;
  worstGapMs = Math.max(worstGapMs, endMs - lastMs);
  return { pictures, freezes: meter.closePeriod(endMs), worstGapMs, startMs, endMs };
}

function isAfter(frame: number, other: number): boolean {
  const ahead = (frame - other) & counterMask;
  return ahead > 0 && ahead < halfRange;
}
