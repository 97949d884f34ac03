import { commandsWithoutPicture, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import { queueLimitMs, queueSeverity } from '../queue-limit.ts';
import type { Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Pictures wait in the operator's network. */
export const downlinkQueue: Rule = {
  stage: 'downlink',
  cause: 'downlinkQueue',
  summary: "pictures wait in the operator's network",
  when: `Pictures wait ${queueLimitMs} ms in the queue of the leg to the browser.`,
  advice: "Find what else fills the operator's network: downloads, calls, other machines' streams.",
  explains: [...unevenArrivals, 'controlLate', ...commandsWithoutPicture],
  find(view) {
    const slots = slotsWhere(
      view,
      (sample) => (figures.downlinkQueueMs.of(sample) ?? 0) >= queueLimitMs,
    );
    return {
      slots,
      severity: queueSeverity(medianOf(view, slots, figures.downlinkQueueMs.of)),
      evidence: cite(view, slots, figures.downlinkQueueMs, queueLimitMs),
    };
  },
};
