import { allowanceMs, heldLimitMs, heldMs, holdOf, neededMs } from '../buffer.ts';
import { commandsWithoutPicture, isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

const worstMs = 250;

/** The jitter buffer holds pictures for longer than arrivals need. */
export const bufferCreep: Rule = {
  stage: 'jitterBuffer',
  cause: 'bufferCreep',
  summary: 'the jitter buffer grew and does not come back',
  when: `Pictures are held on purpose for ${heldLimitMs} ms, and for ${allowanceMs} ms more than jitter and repeats need.`,
  advice:
    'Connect the stream anew, or use the datagram player, or low latency where it was switched off.',
  explains: commandsWithoutPicture,
  find(view) {
    const slots = slotsWhere(view, (sample) => !isHidden(sample) && holdOf(sample) === 'creep');
    const needed = medianOf(view, slots, neededMs);
    const evidence = [
      ...cite(view, slots, figures.bufferMs, needed === undefined ? needed : needed + allowanceMs),
      ...cite(view, slots, figures.bufferTargetMs),
      ...cite(view, slots, figures.jitterMs),
    ];
    const severity = grade(medianOf(view, slots, heldMs), heldLimitMs, worstMs, [0.4, 0.9]);
    return { slots, severity, evidence };
  },
};
