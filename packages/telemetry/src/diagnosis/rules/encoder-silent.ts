import { commandsWithoutPicture, fewerPictures, isShort, missingShare } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';
import { encoderOverloaded } from './encoder-overloaded.ts';

/** Pictures go into the encoder and do not come out, though it is not busy. */
export const encoderSilent: Rule = {
  stage: 'encoder',
  cause: 'encoderSilent',
  summary: 'the encoder takes pictures and gives none',
  when: `The encoder gives ${fewerPictures} than are captured and not left out on purpose, without being busy.`,
  advice: "Look into the machine's log for a failed encoder, and start the stream again.",
  explains: commandsWithoutPicture,
  find(view) {
    const busy = new Set(encoderOverloaded.find(view)?.slots);
    const slots = slotsWhere(view, isSilent).filter((slot) => !busy.has(slot));
    const lost = medianOf(view, slots, (sample) =>
      missingShare(sample, takenFps, figures.encodedFps.of),
    );
    const evidence = [
      ...cite(view, slots, figures.encodedFps),
      ...cite(view, slots, figures.capturedFps),
      ...cite(view, slots, figures.leftOutFps),
    ];
    return { slots, severity: grade(lost, 0.15, 0.8, [0.4, 1]), evidence };
  },
};

/** Without knowing what was left out on purpose, only an encoder that gives nothing at all is told from a low rate. */
function isSilent(sample: StreamSample): boolean {
  const isTold = figures.leftOutFps.of(sample) !== undefined;
  if (!isTold && figures.encodedFps.of(sample) !== 0) return false;
  return isShort(sample, takenFps, figures.encodedFps.of);
}

/** Pictures a second that went into the encoder. */
function takenFps(sample: StreamSample): number | undefined {
  const captured = figures.capturedFps.of(sample);
  if (captured === undefined) return undefined;
  return Math.max(0, captured - (figures.leftOutFps.of(sample) ?? 0));
}
