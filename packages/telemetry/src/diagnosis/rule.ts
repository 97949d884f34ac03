import type { Slots, StreamView } from './view.ts';
import type { Cause, Evidence, Stage } from './vocabulary.ts';

/** What a rule saw: where, how bad (0 to 1), and what speaks for it. */
export type Detection = { slots: Slots; severity: number; evidence: readonly Evidence[] };

/** One fault: how it is recognised, what to do about it, and what else it brings about. Pure. */
export type Rule = {
  stage: Stage;
  cause: Cause;
  /** What is wrong, in one sentence. */
  summary: string;
  /** When the rule says so, for the page of rules. */
  when: string;
  /** What to do. */
  advice: string;
  /** Faults that follow from this one, at the same time or shortly after. */
  explains: readonly Cause[];
  /** True for what happens in a moment: one sample is enough. */
  isEvent?: boolean;
  /** True for a state that outlasts what brought it about: its beginning is what has to be explained. */
  isLasting?: boolean;
  find: (view: StreamView) => Detection | undefined;
};

/** Weaker than this, a finding is a remark: it had no effect that anybody would notice. */
export const blameFrom = 0.25;
/** How severe a finding is that just crossed its limit, and one without any effect. */
export const severities = { slight: 0.3, noEffect: 0.1 } as const;

/** Severity of a value between the limit (`from`) and where it can hardly be worse (`to`). */
export function grade(
  value: number | undefined,
  from: number,
  to: number,
  [least, most]: readonly [number, number] = [severities.slight, 1],
): number {
  if (value === undefined) return least;
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return least + share * (most - least);
}
