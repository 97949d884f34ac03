import { commandsWithoutPicture } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { isOwnBound, rateSeverity, slotsOfBound } from '../rate-bound.ts';
import type { Rule } from '../rule.ts';
import { cite } from '../view.ts';

/** A guest's picture is poor because the machine's rate follows its master's network. */
export const masterRate: Rule = {
  stage: 'downlink',
  cause: 'masterRate',
  summary: "the master's network carries too little, and the picture follows it",
  when: 'As for downlinkRate, but this viewer is a guest whose own link carries clearly more than what the viewers take.',
  advice: "Nothing at this place: the machine's picture follows the network of whoever drives.",
  explains: ['encoderSilent', ...commandsWithoutPicture],
  find(view) {
    const slots = slotsOfBound(view, 'viewer').filter(
      (slot) => !isOwnBound(view.samples[slot] as StreamSample),
    );
    const evidence = [
      ...cite(view, slots, figures.targetKbps),
      ...cite(view, slots, figures.configuredKbps),
      ...cite(view, slots, figures.actualKbps),
      ...cite(view, slots, figures.viewerLimitKbps),
      ...cite(view, slots, figures.downlinkKbps),
    ];
    return { slots, severity: rateSeverity(view, slots), evidence };
  },
};
