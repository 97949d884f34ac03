import { RefusalCode } from '@longreach/protocol';
import { pictureAge } from '../api.ts';

/** What decides whether a drive command may leave. */
export type GateInput = {
  isPageVisible: boolean;
  isMaster: boolean;
  /** Age of the main picture, ms; infinite before the first. */
  pictureAgeMs: number;
};

/** Why no drive command leaves now, or `None`. Pure. Rules: SPEC.md G1 to G4. */
export function refusalOf(input: GateInput): RefusalCode {
  if (!input.isMaster) return RefusalCode.NotMaster;
  // Nobody looks at a hidden page: whatever is sampled there is no operator's will.
  if (!input.isPageVisible) return RefusalCode.StalePicture;
  return input.pictureAgeMs > pictureAge.staleMs ? RefusalCode.StalePicture : RefusalCode.None;
}
