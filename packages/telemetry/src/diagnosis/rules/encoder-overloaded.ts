import {
  commandsWithoutPicture,
  encoderBusyShare,
  isShort,
  missingShare,
  wantedFps,
} from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** An encoder that works for more of the time has no room for a picture that takes longer. */
const busyShare = 0.7;
/** Or a picture takes it more than this share of the time between two. */
const intervalShare = 0.9;
/** Pictures that found it busy: share of those wanted. */
const droppedShare = 0.1;

/** The encoder is too slow for the pictures that it gets. */
export const encoderOverloaded: Rule = {
  stage: 'encoder',
  cause: 'encoderOverloaded',
  summary: 'the encoder cannot keep up',
  when: `Pictures are missing behind the camera, and the encoder works for ${100 * busyShare} % of the time, needs ${100 * intervalShare} % of a picture's time for one, or finds ${100 * droppedShare} % of the pictures when it is busy.`,
  advice:
    'Give the machine less to do: a smaller picture, fewer pictures a second, fewer streams at once, or a hardware encoder. Look what else uses its CPU.',
  explains: [
    'cameraSlow',
    'uplinkQueue',
    'uplinkOutage',
    'bufferCreep',
    'bufferForJitter',
    'controlLate',
    ...commandsWithoutPicture,
  ],
  find(view) {
    const slots = slotsWhere(view, isOverloaded);
    const lost = medianOf(view, slots, missing);
    const intervalMs = medianOf(view, slots, (sample) => 1000 / (wantedFps(sample) || 1));
    const evidence = [
      ...cite(view, slots, figures.encodedFps),
      ...cite(view, slots, figures.capturedFps),
      ...cite(view, slots, figures.encodeTimeMs, intervalMs),
      ...cite(view, slots, figures.encodeTimeP95Ms),
      ...cite(view, slots, figures.droppedBusyFps),
      ...cite(view, slots, figures.machineCpu),
    ];
    return { slots, severity: grade(lost, 0.1, 0.6, [0.4, 1]), evidence };
  },
};

function isOverloaded(sample: StreamSample): boolean {
  const wanted = wantedFps(sample);
  if (!wanted) return false;
  const droppedFps = figures.droppedBusyFps.of(sample) ?? 0;
  if (droppedFps > droppedShare * wanted) return true;
  return isShort(sample, wantedFps, figures.encodedFps.of) && isBusy(sample, wanted);
}

function isBusy(sample: StreamSample, wanted: number): boolean {
  const timeMs = figures.encodeTimeMs.of(sample) ?? 0;
  return (encoderBusyShare(sample) ?? 0) >= busyShare || timeMs * wanted >= 1000 * intervalShare;
}

function missing(sample: StreamSample): number | undefined {
  return missingShare(sample, wantedFps, figures.encodedFps.of);
}
