import { rules } from './all-rules.ts';
import { blameFrom, type Detection, type Rule } from './rule.ts';
import { isSustained, type StreamView } from './view.ts';

/** What a rule saw in one stream, and what is to be made of it. */
export type Seen = Detection & {
  rule: Rule;
  streamId: number;
  as: 'finding' | 'noEffect' | 'once';
};

/** From here on something that happened once is worth a remark. */
const worthARemark = 0.6;

/** Everything that rules see in one stream, in the rules' order. */
export function detect(view: StreamView): Seen[] {
  return rules.flatMap((rule) => {
    const detection = rule.find(view);
    const as = detection && judge(rule, detection, view.samples.length);
    return detection && as ? [{ ...detection, rule, streamId: view.streamId, as }] : [];
  });
}

/** A single sample is no fault; nor is what had no effect. */
function judge(rule: Rule, { slots, severity }: Detection, total: number): Seen['as'] | undefined {
  if (slots.length === 0) return undefined;
  if (rule.isEvent || isSustained(slots, total)) {
    return severity >= blameFrom ? 'finding' : 'noEffect';
  }
  return severity >= worthARemark ? 'once' : undefined;
}
