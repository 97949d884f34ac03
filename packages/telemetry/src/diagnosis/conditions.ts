import { type Figure, figures, secondsOf } from './figures.ts';
import type { StreamSample } from './input.ts';
import type { Cause } from './vocabulary.ts';

/** Pictures count as missing from this share and this number in a period: fewer are a matter of when the period ended. */
const missing = { leastShare: 0.15, leastPictures: 3 };
/** How the page of rules says it. */
export const fewerPictures = `${100 * missing.leastShare} % fewer pictures (${missing.leastPictures} in a period at least)`;
/** Of a period in which the page was hidden for so much, the browser's figures say nothing, %. */
const hiddenPercent = 25;

/** Share of the pictures that came into a stage and did not leave it; undefined when either side is not known. */
export function missingShare(
  sample: StreamSample,
  into: Figure['of'],
  outOf: Figure['of'],
): number | undefined {
  const [came, left] = [into(sample), outOf(sample)];
  if (came === undefined || left === undefined || came <= 0) return undefined;
  return Math.max(0, 1 - left / came);
}

/** Whether what goes out of a stage is clearly less than what came in. */
export function isShort(sample: StreamSample, into: Figure['of'], outOf: Figure['of']): boolean {
  const share = missingShare(sample, into, outOf);
  if (share === undefined || share < missing.leastShare) return false;
  return share * (into(sample) ?? 0) * secondsOf(sample) >= missing.leastPictures;
}

/** Pictures a second that the encoder shall make: those captured, or asked for, less those left out on purpose. */
export function wantedFps(sample: StreamSample): number | undefined {
  const asked = figures.expectedFps.of(sample) ?? figures.capturedFps.of(sample);
  return asked === undefined
    ? undefined
    : Math.max(0, asked - (figures.leftOutFps.of(sample) ?? 0));
}

/** Share of the time in which the encoder worked. */
export function encoderBusyShare(sample: StreamSample): number | undefined {
  const [timeMs, fps] = [figures.encodeTimeMs.of(sample), figures.encodedFps.of(sample)];
  return timeMs === undefined || fps === undefined ? undefined : (timeMs * fps) / 1000;
}

/** Whether the page was hidden for so long that the browser's figures of the period say nothing. */
export function isHidden(sample: StreamSample): boolean {
  return (figures.hidden.of(sample) ?? 0) >= hiddenPercent;
}

/** What the operator's commands suffer when pictures come late or not at all. */
export const commandsWithoutPicture: readonly Cause[] = ['controlRefused', 'notArmed'];
/** What commands suffer when their way is not free either. */
export const commandsWithoutWay: readonly Cause[] = [
  'controlBlocked',
  'controlLate',
  ...commandsWithoutPicture,
];
/** What arrivals that are uneven or incomplete bring about in the browser. */
export const unevenArrivals: readonly Cause[] = ['bufferCreep', 'bufferForJitter', 'decoderSilent'];
