import type { DiagnosisReport } from '@longreach/protocol';
import type { StreamInput, Verdict } from '@longreach/telemetry/diagnosis';

/** The reference's report, and what it does not have: who is to blame, and what that was judged by. */
export type Diagnosis = DiagnosisReport & {
  verdict: Verdict;
  /** The samples of every stream, at two seconds. */
  streams: readonly StreamInput[];
};
