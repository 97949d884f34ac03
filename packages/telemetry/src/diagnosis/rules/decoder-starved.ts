import { commandsWithoutPicture, isHidden, isShort, missingShare } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, type Slots, type StreamView, slotsWhere } from '../view.ts';

/** A decoder behind by more than this many pictures does not catch up. */
const queuePictures = 8;
/** It may take its time, but not that of so many pictures: some hardware works on three at once. */
const mostIntervals = 4;
/** When pictures are missing behind it, this much of a picture's time, or a wait of so many pictures, says that it is too slow. */
const busyIntervals = 0.9;
const waitingPictures = 4;
/** A player whose worker stands still for so long has no CPU, ms. */
const stallMs = 400;
const shortStallMs = 200;

/** The decoder is too slow, or the browser gives it no CPU. */
export const decoderStarved: Rule = {
  stage: 'decoder',
  cause: 'decoderStarved',
  summary: 'the decoder cannot keep up',
  when: `A picture takes the decoder the time of ${mostIntervals} pictures, ${queuePictures} wait for it, the player's worker stands still for ${stallMs} ms; or pictures are missing behind the decoder, and it needs ${100 * busyIntervals} % of a picture's time for one, drops pictures, ${waitingPictures} wait for it or the worker stands still for ${shortStallMs} ms. Not while the page is hidden.`,
  advice:
    "Close other programs and tabs at the operator's place, watch fewer or smaller streams, use a browser that decodes in hardware.",
  explains: [
    'downlinkOutage',
    'downlinkLoss',
    'downlinkRate',
    'downlinkQueue',
    'bufferCreep',
    'bufferForJitter',
    'decoderSilent',
    'pageBusy',
    'notPresented',
    'controlLate',
    ...commandsWithoutPicture,
  ],
  find(view) {
    const slots = slotsWhere(view, (sample) => !isHidden(sample) && isStarved(sample));
    const interval = medianOf(view, slots, intervalMs);
    const evidence = [
      ...cite(view, slots, figures.decodedFps),
      ...cite(view, slots, figures.arrivedFps),
      ...cite(view, slots, figures.decodeTimeMs, interval),
      ...cite(view, slots, figures.decodeQueue, waitingPictures),
      ...cite(view, slots, figures.decoderDroppedFps),
      ...cite(view, slots, figures.workerStallMs, shortStallMs),
    ];
    return { slots, severity: severityOf(view, slots), evidence };
  },
};

function isStarved(sample: StreamSample): boolean {
  const decodeMs = figures.decodeTimeMs.of(sample) ?? 0;
  const queue = figures.decodeQueue.of(sample) ?? 0;
  const stall = figures.workerStallMs.of(sample) ?? 0;
  const interval = intervalMs(sample) ?? Number.POSITIVE_INFINITY;
  if (queue >= queuePictures || stall >= stallMs || decodeMs >= mostIntervals * interval)
    return true;
  const dropped = figures.decoderDroppedFps.of(sample) ?? 0;
  const isSlow = decodeMs >= busyIntervals * interval || queue >= waitingPictures;
  const isMissing = isShort(sample, figures.arrivedFps.of, figures.decodedFps.of);
  return isMissing && (isSlow || dropped > 0 || stall >= shortStallMs);
}

/** Time between two pictures, ms. */
function intervalMs(sample: StreamSample): number | undefined {
  const fps = figures.serverFps.of(sample) ?? figures.arrivedFps.of(sample);
  return fps ? 1000 / fps : undefined;
}

function severityOf(view: StreamView, slots: Slots): number {
  const missing = medianOf(view, slots, (sample) =>
    missingShare(sample, figures.arrivedFps.of, figures.decodedFps.of),
  );
  const slow = medianOf(view, slots, (sample) => {
    const [decodeMs, interval] = [figures.decodeTimeMs.of(sample), intervalMs(sample)];
    return decodeMs === undefined || interval === undefined ? undefined : decodeMs / interval;
  });
  const stall = medianOf(view, slots, figures.workerStallMs.of);
  return Math.max(
    grade(missing, 0.1, 0.6, [0.4, 1]),
    grade(slow, busyIntervals, 6, [0.4, 0.9]),
    grade(stall, shortStallMs, 1000, [0.4, 0.9]),
  );
}
