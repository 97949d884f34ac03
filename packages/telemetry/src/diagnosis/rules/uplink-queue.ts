import { commandsWithoutPicture, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { queueLimitMs, queueSeverity } from '../queue-limit.ts';
import type { Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Pictures wait on the machine or in its network. */
export const uplinkQueue: Rule = {
  stage: 'uplink',
  cause: 'uplinkQueue',
  summary: "pictures wait in or before the machine's network",
  when: `From encoded to sent and in the queue of the uplink together, pictures wait ${queueLimitMs} ms.`,
  advice:
    "Find what else fills the machine's network, or keeps its processes from sending; a shorter queue in its modem helps, too.",
  explains: [...unevenArrivals, 'controlLate', ...commandsWithoutPicture],
  find(view) {
    const slots = slotsWhere(view, (sample) => (waitMs(sample) ?? 0) >= queueLimitMs);
    const evidence = [
      ...cite(view, slots, figures.uplinkQueueMs, queueLimitMs),
      ...cite(view, slots, figures.toSentMs, queueLimitMs),
    ];
    return { slots, severity: queueSeverity(medianOf(view, slots, waitMs)), evidence };
  },
};

function waitMs(sample: StreamSample): number | undefined {
  const [queue, toSent] = [figures.uplinkQueueMs.of(sample), figures.toSentMs.of(sample)];
  return queue === undefined && toSent === undefined ? undefined : (queue ?? 0) + (toSent ?? 0);
}
