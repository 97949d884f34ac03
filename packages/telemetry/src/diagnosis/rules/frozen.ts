import { isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import { type Rule, severities } from '../rule.ts';
import { cite, slotsWhere } from '../view.ts';

/** Below this a session counts as good, %. */
const frozenPercent = 3;

/** The picture stood still, whatever the reason: a remark for when no rule names one. */
export const frozen: Rule = {
  stage: 'rendering',
  cause: 'frozen',
  summary: 'the picture stood still, and no stage shows why',
  when: `The picture stands still for more than 150 ms in ${frozenPercent} % of the time, and nothing else is found. Always a remark.`,
  advice: 'Look at the series of all stages around these times.',
  explains: [],
  find(view) {
    const slots = slotsWhere(
      view,
      (sample) => !isHidden(sample) && (figures.lag150.of(sample) ?? 0) >= frozenPercent,
    );
    const evidence = cite(view, slots, figures.lag150, frozenPercent);
    return { slots, severity: severities.noEffect, evidence };
  },
};
