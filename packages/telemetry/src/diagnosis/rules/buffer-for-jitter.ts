import { heldLimitMs, heldMs, holdOf } from '../buffer.ts';
import { commandsWithoutPicture, isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

const worstMs = 250;

/** The jitter buffer has to be long because pictures arrive unevenly. */
export const bufferForJitter: Rule = {
  stage: 'jitterBuffer',
  cause: 'bufferForJitter',
  summary: 'the jitter buffer is long because pictures arrive unevenly',
  when: `Pictures are held on purpose for ${heldLimitMs} ms, no more than the jitter needs, and no repeats were asked for.`,
  advice:
    'Look for the network that delays packets unevenly: the round trips of both legs show which one it is. Radio that is shared with others does so.',
  explains: commandsWithoutPicture,
  find(view) {
    const slots = slotsWhere(view, (sample) => !isHidden(sample) && holdOf(sample) === 'forJitter');
    const evidence = [
      ...cite(view, slots, figures.bufferMs, heldLimitMs),
      ...cite(view, slots, figures.bufferTargetMs),
      ...cite(view, slots, figures.jitterMs),
      ...cite(view, slots, figures.uplinkRoundTripMs),
      ...cite(view, slots, figures.downlinkRoundTripMs),
    ];
    const severity = grade(medianOf(view, slots, heldMs), heldLimitMs, worstMs, [0.3, 0.8]);
    return { slots, severity, evidence };
  },
};
