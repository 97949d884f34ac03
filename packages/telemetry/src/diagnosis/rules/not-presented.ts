import {
  commandsWithoutPicture,
  fewerPictures,
  isHidden,
  isShort,
  missingShare,
} from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Decoded pictures do not come to the screen. */
export const notPresented: Rule = {
  stage: 'rendering',
  cause: 'notPresented',
  summary: 'decoded pictures do not come to the screen',
  when: `There are ${fewerPictures} on screen than are decoded. Not while the page is hidden.`,
  advice:
    'Look whether the picture is covered or off the screen, whether the screen is slower than the stream, and whether the browser draws with a GPU.',
  explains: commandsWithoutPicture,
  find(view) {
    const slots = slotsWhere(
      view,
      (sample) =>
        !isHidden(sample) && isShort(sample, figures.decodedFps.of, figures.presentedFps.of),
    );
    const missing = medianOf(view, slots, (sample) =>
      missingShare(sample, figures.decodedFps.of, figures.presentedFps.of),
    );
    const evidence = [
      ...cite(view, slots, figures.presentedFps),
      ...cite(view, slots, figures.decodedFps),
    ];
    return { slots, severity: grade(missing, 0.15, 0.8), evidence };
  },
};
