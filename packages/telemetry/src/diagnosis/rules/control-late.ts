import { RefusalCode } from '@longreach/protocol';
import { citeRefusals, leastRefused, slotsOfRefusal } from '../commands.ts';
import { commandsWithoutPicture, isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { union } from '../leg-outage.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, earlyLevel, medianOf, slotsWhere } from '../view.ts';

/** What sending, releasing, reporting and reading may take beside the network's own round trips, ms. */
const allowanceMs = 120;
/** Against the beginning of the window: so many times, and so much, more. */
const growth = { factor: 2.5, leastMs: 100 };

const { Expired, OutOfOrder } = RefusalCode;

/** Commands come through, but late. */
export const controlLate: Rule = {
  stage: 'controlPath',
  cause: 'controlLate',
  summary: 'commands reach the machine late',
  when: `From a command to its release in the machine's report passes ${allowanceMs} ms more than both legs' round trips, and ${growth.factor} times and ${growth.leastMs} ms more than at the window's beginning where it was less then; or ${leastRefused} commands in a period are refused with Expired or OutOfOrder.`,
  advice:
    'Look what shares the way of the commands: large messages, a busy page, a busy machine. The pictures are not late.',
  explains: commandsWithoutPicture,
  find(view) {
    const early = earlyLevel(view, figures.controlRoundTripMs.of);
    const late = slotsWhere(view, (sample) => !isHidden(sample) && isLate(sample, early));
    const slots = union(late, slotsOfRefusal(view, [Expired, OutOfOrder]));
    const limit = medianOf(view, slots, limitMs);
    const evidence = [
      ...cite(view, slots, figures.controlRoundTripMs, limit),
      ...citeRefusals(view, slots, { Expired, OutOfOrder }),
    ];
    const trip = medianOf(view, slots, figures.controlRoundTripMs.of);
    return { slots, severity: grade(trip, limit ?? 0, 800, [0.3, 0.8]), evidence };
  },
};

function isLate(sample: StreamSample, earlyMs: number | undefined): boolean {
  const trip = figures.controlRoundTripMs.of(sample);
  const limit = limitMs(sample);
  if (trip === undefined || limit === undefined || trip <= limit) return false;
  // At its beginning the window was late as well: the limit alone decides.
  if (earlyMs === undefined || earlyMs > limit) return true;
  return trip > growth.factor * earlyMs && trip > earlyMs + growth.leastMs;
}

/** Needs both legs' round trips: without them a long way looks like a late command. */
function limitMs(sample: StreamSample): number | undefined {
  const up = figures.uplinkRoundTripMs.of(sample);
  const down = figures.downlinkRoundTripMs.of(sample);
  return up === undefined || down === undefined ? undefined : up + down + allowanceMs;
}
