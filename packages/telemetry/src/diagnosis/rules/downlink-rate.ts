import { commandsWithoutPicture, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { union } from '../leg-outage.ts';
import { isOwnBound, lowShare, rateBoundOf, rateSeverity, slotsOfBound } from '../rate-bound.ts';
import type { Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** What a guest loses with the small encoding is about as much as a rate of half. */
const smallSeverity = 0.5;
/** A link that is full of our own packets, ms. */
const fullQueueMs = 30;

/** The operator's network carries less than the stream is configured for. */
export const downlinkRate: Rule = {
  stage: 'downlink',
  cause: 'downlinkRate',
  summary: "the operator's network carries too little",
  when: `The encoder is told less than ${100 * lowShare} % of what it may take, uses it, and what the viewers take is less than what the uplink carries; or this viewer gets the small encoding; or its link carries less than ${100 * lowShare} % of what comes to the server while a queue stands.`,
  advice:
    'Get the operator a better network, watch fewer streams at once, or look what else uses this network.',
  explains: [
    'encoderSilent',
    'downlinkQueue',
    ...unevenArrivals,
    'controlLate',
    ...commandsWithoutPicture,
  ],
  find(view) {
    const bound = slotsOfBound(view, 'viewer').filter((slot) =>
      isOwnBound(view.samples[slot] as StreamSample),
    );
    const own = slotsWhere(view, isOwnLimit);
    const slots = union(bound, own);
    const limit = medianOf(view, slots, figures.configuredKbps.of);
    const evidence = [
      ...cite(view, slots, figures.targetKbps, limit === undefined ? limit : limit * lowShare),
      ...cite(view, slots, figures.configuredKbps),
      ...cite(view, slots, figures.actualKbps),
      ...cite(view, slots, figures.downlinkKbps),
      ...cite(view, slots, figures.viewerLimitKbps),
      ...cite(view, slots, figures.uplinkKbps),
      ...cite(view, slots, figures.downlinkQueueMs),
    ];
    const severity = Math.max(rateSeverity(view, bound), own.length > 0 ? smallSeverity : 0);
    return { slots, severity, evidence };
  },
};

/** Whether this viewer's own link is too thin for what comes, whatever the machine's rate follows. */
function isOwnLimit(sample: StreamSample): boolean {
  if (sample.server?.viewer?.encoding === 'small') return true;
  if (rateBoundOf(sample) === 'uplink') return false;
  const [carried, comes] = [figures.downlinkKbps.of(sample), figures.serverKbps.of(sample)];
  if (carried === undefined || comes === undefined || carried >= lowShare * comes) return false;
  return (figures.downlinkQueueMs.of(sample) ?? 0) >= fullQueueMs;
}
