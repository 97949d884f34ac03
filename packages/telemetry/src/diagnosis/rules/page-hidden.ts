import { commandsWithoutWay } from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Hidden for half of a period: the picture stood still for that time, and commands stopped, %. */
const hiddenPercent = 50;

/** The page was not visible: browsers draw nothing then. */
export const pageHidden: Rule = {
  stage: 'rendering',
  cause: 'pageHidden',
  summary: 'the page was hidden',
  when: `The page is hidden for ${hiddenPercent} % of the time: another tab, a minimised window, a locked screen.`,
  advice: 'Keep the page in front, in a window of its own, while driving.',
  explains: [
    'bufferCreep',
    'bufferForJitter',
    'decoderStarved',
    'decoderSilent',
    'pageBusy',
    'notPresented',
    ...commandsWithoutWay,
  ],
  find(view) {
    const slots = slotsWhere(view, (sample) => (figures.hidden.of(sample) ?? 0) >= hiddenPercent);
    const evidence = [
      ...cite(view, slots, figures.hidden, hiddenPercent),
      ...cite(view, slots, figures.presentedFps),
      ...cite(view, slots, figures.decodedFps),
    ];
    const hidden = medianOf(view, slots, figures.hidden.of);
    return { slots, severity: grade(hidden, hiddenPercent, 95, [0.6, 1]), evidence };
  },
};
