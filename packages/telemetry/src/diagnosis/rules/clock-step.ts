import { commandsWithoutPicture } from '../conditions.ts';
import { figures } from '../figures.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, type StreamView } from '../view.ts';

/** Smaller steps are what a clock's own drift and the measure's noise make, ms. */
const leastStepMs = 20;
/** The offset is known to its uncertainty only: twice of it is between two true measures. */
const uncertainties = 2;
/** Two steps in a row that take each other back to this share are a bad measure. */
const backShare = 0.2;

type Step = { slot: number; stepMs: number };

/** A clock was set: latencies were wrong for a time, and commands looked too old or from the future. */
export const clockStep: Rule = {
  stage: 'clock',
  cause: 'clockStep',
  summary: "the machine's or the page's clock jumped",
  when: `The machine's clock steps against the page's by ${leastStepMs} ms and by ${uncertainties} times the uncertainty of the measure, and does not step back at once. One step is enough.`,
  advice:
    'Let the clock service of the machine slew the clock instead of setting it while driving, and look why it was so far off.',
  explains: [...commandsWithoutPicture, 'controlLate'],
  isEvent: true,
  find(view) {
    const steps = lastingSteps(view);
    const slots = [...new Set(steps.map(({ slot }) => slot))];
    const greatest = Math.max(0, ...steps.map(({ stepMs }) => Math.abs(stepMs)));
    return {
      slots,
      severity: grade(greatest, leastStepMs, 500, [0.4, 0.9]),
      evidence: [
        {
          figure: 'browser.clockStepsMs',
          value: Math.round(greatest),
          unit: 'ms',
          limit: leastStepMs,
        },
        ...cite(view, slots, figures.clockUncertaintyMs),
      ],
    };
  },
};

/** Steps that are none of the measure, each with its sample. */
function lastingSteps(view: StreamView): Step[] {
  const steps: Step[] = [];
  view.samples.forEach((sample, slot) => {
    const uncertaintyMs = figures.clockUncertaintyMs.of(sample) ?? 0;
    const limitMs = Math.max(leastStepMs, uncertainties * uncertaintyMs);
    for (const stepMs of sample.browser?.clockStepsMs ?? []) {
      if (Math.abs(stepMs) < limitMs) continue;
      const before = steps.at(-1);
      if (before && isTakenBack(before, { slot, stepMs })) steps.pop();
      else steps.push({ slot, stepMs });
    }
  });
  return steps;
}

function isTakenBack(before: Step, step: Step): boolean {
  const rest = Math.abs(before.stepMs + step.stepMs);
  return step.slot - before.slot <= 1 && rest <= backShare * Math.abs(before.stepMs);
}
