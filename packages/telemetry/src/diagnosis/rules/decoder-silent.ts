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
import { decoderStarved } from './decoder-starved.ts';

/** Whole pictures go into the decoder and do not come out, though it is not busy. */
export const decoderSilent: Rule = {
  stage: 'decoder',
  cause: 'decoderSilent',
  summary: 'the decoder takes pictures and gives none',
  when: `The decoder gives ${fewerPictures} than arrive whole, without being busy: it waits for a key frame or cannot read them. Not while the page is hidden.`,
  advice:
    'Connect the stream anew. If it stays so, this browser cannot decode what the machine sends: try another browser or another codec.',
  explains: ['notPresented', ...commandsWithoutPicture],
  find(view) {
    const starved = new Set(decoderStarved.find(view)?.slots);
    const slots = slotsWhere(
      view,
      (sample) =>
        !isHidden(sample) && isShort(sample, figures.arrivedFps.of, figures.decodedFps.of),
    ).filter((slot) => !starved.has(slot));
    const missing = medianOf(view, slots, (sample) =>
      missingShare(sample, figures.arrivedFps.of, figures.decodedFps.of),
    );
    const evidence = [
      ...cite(view, slots, figures.decodedFps),
      ...cite(view, slots, figures.arrivedFps),
      ...cite(view, slots, figures.decodeTimeMs),
    ];
    return { slots, severity: grade(missing, 0.15, 0.8, [0.4, 1]), evidence };
  },
};
