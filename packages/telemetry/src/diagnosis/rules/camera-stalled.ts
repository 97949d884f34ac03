import { commandsWithoutPicture, encoderBusyShare, missingShare } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Half a second without a picture is seen by anybody, ms; and a camera that gives next to nothing stands still. */
const stallMs = 500;
const leastShare = 0.1;
/** An encoder that works all the time keeps the camera from being read. */
const busyShare = 0.7;
const worstGapMs = 2000;

/** The camera gives no pictures although it is asked for them. */
export const cameraStalled: Rule = {
  stage: 'camera',
  cause: 'cameraStalled',
  summary: 'the camera stands still',
  when: `The camera gives no picture for ${stallMs} ms, or less than ${100 * leastShare} % of what it is asked for, while the encoder has time.`,
  advice:
    'Look at the camera: its cable, its power, its exposure, and whether another program holds it. Restart the stream.',
  explains: commandsWithoutPicture,
  find(view) {
    const slots = slotsWhere(view, isStalled);
    const gap = grade(
      medianOf(view, slots, figures.captureGapMs.of),
      stallMs,
      worstGapMs,
      [0.6, 1],
    );
    const lost = grade(medianOf(view, slots, missing), 0, 1 - leastShare, [0, 1]);
    const evidence = [
      ...cite(view, slots, figures.capturedFps),
      ...cite(view, slots, figures.expectedFps),
      ...cite(view, slots, figures.captureGapMs, stallMs),
    ];
    return { slots, severity: Math.max(gap, lost), evidence };
  },
};

/** Whether pictures were asked for and did not come. */
function isStalled(sample: StreamSample): boolean {
  const expected = figures.expectedFps.of(sample);
  if (expected === 0 || (encoderBusyShare(sample) ?? 0) >= busyShare) return false;
  const gap = figures.captureGapMs.of(sample);
  // A camera that is asked for two pictures a second may take its time between them.
  const longest = Math.max(stallMs, expected === undefined ? 0 : 3000 / expected);
  return (gap !== undefined && gap >= longest) || (missing(sample) ?? 0) > 1 - leastShare;
}

function missing(sample: StreamSample): number | undefined {
  return missingShare(sample, figures.expectedFps.of, figures.capturedFps.of);
}
