import { commandsWithoutWay, isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** A page that does nothing for so long brakes the machine: the guard begins at 300 ms of silence. */
const stallMs = 300;

/** Something keeps the page's main thread. */
export const pageBusy: Rule = {
  stage: 'rendering',
  cause: 'pageBusy',
  summary: 'the page is busy with something else',
  when: `The page's main thread does nothing for ${stallMs} ms. Not while the page is hidden.`,
  advice:
    "Look for long work on the page's main thread (its own code, extensions, developer tools), or for a computer that is busy as a whole.",
  explains: ['notPresented', ...commandsWithoutWay],
  find(view) {
    const slots = slotsWhere(
      view,
      (sample) => !isHidden(sample) && (figures.pageStallMs.of(sample) ?? 0) >= stallMs,
    );
    const stall = medianOf(view, slots, figures.pageStallMs.of);
    const evidence = [
      ...cite(view, slots, figures.pageStallMs, stallMs),
      ...cite(view, slots, figures.presentedFps),
      ...cite(view, slots, figures.decodedFps),
    ];
    return { slots, severity: grade(stall, stallMs, 1500, [0.4, 0.9]), evidence };
  },
};
