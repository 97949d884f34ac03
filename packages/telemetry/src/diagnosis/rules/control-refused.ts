import { RefusalCode } from '@longreach/protocol';
import { citeRefusals, leastRefused, slotsOfRefusal } from '../commands.ts';
import { figures } from '../figures.ts';
import type { Rule } from '../rule.ts';
import { cite } from '../view.ts';

const { StalePicture, TooOften, TooLarge, Malformed } = RefusalCode;

/** Commands arrive and are refused for what they are. */
export const controlRefused: Rule = {
  stage: 'controlPath',
  cause: 'controlRefused',
  summary: 'commands are refused for their age, size or number',
  when: `${leastRefused} commands in a period are refused with StalePicture, TooOften, TooLarge or Malformed.`,
  advice:
    "StalePicture: the picture that the operator acts on is too old, look at the loop's age. Else: the application sends too much.",
  explains: ['notArmed'],
  find(view) {
    const slots = slotsOfRefusal(view, [StalePicture, TooOften, TooLarge, Malformed]);
    const evidence = [
      ...citeRefusals(view, slots, { StalePicture, TooOften, TooLarge, Malformed }),
      ...cite(view, slots, figures.loopAgeMs),
    ];
    return { slots, severity: 0.4, evidence };
  },
};
