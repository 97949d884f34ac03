import { RefusalCode } from '@longreach/protocol';
import { citeRefusals, leastRefused, slotsOfRefusal } from '../commands.ts';
import type { Rule } from '../rule.ts';

const { NotMaster, WrongToken, OldEpoch } = RefusalCode;

/** Commands come from somebody who may not control. */
export const notMaster: Rule = {
  stage: 'permission',
  cause: 'notMaster',
  summary: 'this operator may not control the machine',
  when: `${leastRefused} commands in a period are refused with NotMaster, WrongToken or OldEpoch.`,
  advice: 'Take control, or ask who has it to hand it over.',
  explains: ['controlBlocked', 'controlRefused'],
  find(view) {
    const slots = slotsOfRefusal(view, [NotMaster, WrongToken, OldEpoch]);
    const evidence = citeRefusals(view, slots, { NotMaster, WrongToken, OldEpoch });
    return { slots, severity: 0.7, evidence };
  },
};
