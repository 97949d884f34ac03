import { figures } from '../figures.ts';
import { type Rule, severities } from '../rule.ts';
import { cite, slotsWhere } from '../view.ts';

/** Latencies with a larger error say little about 20 ms more or less. */
const uncertainMs = 25;

/** The clocks are known so badly that latencies mean little. */
export const clockUncertain: Rule = {
  stage: 'clock',
  cause: 'clockUncertain',
  summary: 'the clocks are not known well',
  when: `The uncertainty of the clock offset is above ${uncertainMs} ms. Always a remark: a long way makes it so.`,
  advice: 'Read latencies with this error. Nothing about safety depends on it.',
  explains: [],
  find(view) {
    const slots = slotsWhere(
      view,
      (sample) => (figures.clockUncertaintyMs.of(sample) ?? 0) > uncertainMs,
    );
    const evidence = cite(view, slots, figures.clockUncertaintyMs, uncertainMs);
    return { slots, severity: severities.noEffect, evidence };
  },
};
