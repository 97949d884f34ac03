import { commandsWithoutPicture, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import { lowShare, rateSeverity, slotsOfBound } from '../rate-bound.ts';
import type { Rule } from '../rule.ts';
import { cite, medianOf } from '../view.ts';

/** The machine's network carries less than the stream is configured for. */
export const uplinkRate: Rule = {
  stage: 'uplink',
  cause: 'uplinkRate',
  summary: "the machine's network carries too little",
  when: `The encoder is told less than ${100 * lowShare} % of what it may take, uses it, and what the uplink carries (less repair) is not more than what the viewers take; a rate that only rises after a start does not count.`,
  advice:
    "Get the machine a better network, or configure fewer or smaller streams. What else uses the machine's network?",
  explains: [
    'encoderSilent',
    'uplinkQueue',
    ...unevenArrivals,
    'controlLate',
    ...commandsWithoutPicture,
  ],
  find(view) {
    const slots = slotsOfBound(view, 'uplink');
    const limit = medianOf(view, slots, figures.configuredKbps.of);
    const evidence = [
      ...cite(view, slots, figures.targetKbps, limit === undefined ? limit : limit * lowShare),
      ...cite(view, slots, figures.configuredKbps),
      ...cite(view, slots, figures.actualKbps),
      ...cite(view, slots, figures.uplinkKbps),
      ...cite(view, slots, figures.viewerLimitKbps),
      ...cite(view, slots, figures.leftOutFps),
      ...cite(view, slots, figures.uplinkQueueMs),
    ];
    return { slots, severity: rateSeverity(view, slots), evidence };
  },
};
