import { RefusalCode } from '@longreach/protocol';
import { citeRefusals, leastRefused, slotsOfRefusal } from '../commands.ts';
import type { Rule } from '../rule.ts';

const { NotArmed, EmergencyStop } = RefusalCode;

/** The machine has stopped and waits for the operator's word. */
export const notArmed: Rule = {
  stage: 'permission',
  cause: 'notArmed',
  summary: 'the machine has stopped and was not armed again',
  when: `${leastRefused} commands in a period are refused with NotArmed or EmergencyStop.`,
  advice: 'Look why it stopped, then arm it again.',
  explains: [],
  isLasting: true,
  find(view) {
    const slots = slotsOfRefusal(view, [NotArmed, EmergencyStop]);
    const evidence = citeRefusals(view, slots, { NotArmed, EmergencyStop });
    return { slots, severity: 0.5, evidence };
  },
};
