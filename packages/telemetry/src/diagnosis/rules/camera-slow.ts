import {
  commandsWithoutPicture,
  encoderBusyShare,
  fewerPictures,
  isShort,
  missingShare,
} from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';
import { cameraStalled } from './camera-stalled.ts';

/** An encoder that works all the time keeps the camera from being read. */
const busyShare = 0.7;

/** The camera gives clearly fewer pictures than it is asked for. */
export const cameraSlow: Rule = {
  stage: 'camera',
  cause: 'cameraSlow',
  summary: 'the camera gives too few pictures',
  when: `The camera gives ${fewerPictures} than it is asked for without standing still, while the encoder has time.`,
  advice:
    'Look at the exposure time of the camera (darkness halves the rate), at its cable and at the load of its bus; or configure the rate that it can give.',
  explains: commandsWithoutPicture,
  find(view) {
    const stalled = new Set(cameraStalled.find(view)?.slots);
    const slots = slotsWhere(view, isSlow).filter((slot) => !stalled.has(slot));
    const lost = medianOf(view, slots, (sample) =>
      missingShare(sample, figures.expectedFps.of, figures.capturedFps.of),
    );
    const evidence = [
      ...cite(view, slots, figures.capturedFps),
      ...cite(view, slots, figures.expectedFps),
    ];
    return { slots, severity: grade(lost, 0.15, 0.8), evidence };
  },
};

function isSlow(sample: StreamSample): boolean {
  if ((encoderBusyShare(sample) ?? 0) >= busyShare) return false;
  return isShort(sample, figures.expectedFps.of, figures.capturedFps.of);
}
