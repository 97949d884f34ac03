import { isDriving, refusedInAll } from '../commands.ts';
import { commandsWithoutPicture, isHidden } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** Commands of a period below which their shares mean nothing. */
const leastSent = 10;
/** Less than this share coming through is no loss any more; commands are sent in copies where packets get lost. */
const passedShare = 0.5;
/** A channel that takes nothing for this share of the time (a second of two), %. */
const blockedPercent = 50;
/** The machine reports many times a second, ms. */
const reportGapMs = 1000;

/** Commands leave and do not arrive, or do not even leave. */
export const controlBlocked: Rule = {
  stage: 'controlPath',
  cause: 'controlBlocked',
  summary: 'commands do not get through to the machine',
  when: `The channel takes no command for ${blockedPercent} % of the time; or less than ${100 * passedShare} % of the commands pass the server, reach the machine, or are released while it is armed; or the machine reports nothing for ${reportGapMs} ms. Not while the page is hidden or the operator is a guest.`,
  advice:
    'Connect anew. Look whether something fills the data channels (large messages, many a second), and at the guard process of the machine.',
  explains: ['controlLate', ...commandsWithoutPicture],
  find(view) {
    const slots = slotsWhere(view, isBlocked);
    const evidence = [
      ...cite(view, slots, figures.blocked, blockedPercent),
      ...cite(view, slots, figures.commandsSent),
      ...cite(view, slots, figures.commandsPassed),
      ...cite(view, slots, figures.commandsReceived),
      ...cite(view, slots, figures.commandsReleased),
      ...cite(view, slots, figures.reportGapMs, reportGapMs),
    ];
    const lost = medianOf(view, slots, lostShare);
    return { slots, severity: grade(lost, 1 - passedShare, 1, [0.7, 1]), evidence };
  },
};

function isBlocked(sample: StreamSample): boolean {
  if (isHidden(sample) || sample.browser?.control?.permission === 'guest') return false;
  if ((figures.blocked.of(sample) ?? 0) >= blockedPercent) return true;
  if ((figures.reportGapMs.of(sample) ?? 0) >= reportGapMs) return true;
  return (lostShare(sample) ?? 0) > 1 - passedShare;
}

/** The greatest share of commands that one step of their way swallows. */
function lostShare(sample: StreamSample): number | undefined {
  if (!isDriving(sample)) return undefined;
  const sent = Math.max(0, (figures.commandsSent.of(sample) ?? 0) - refusedInAll(sample));
  const passed = figures.commandsPassed.of(sample);
  const received = figures.commandsReceived.of(sample);
  const steps: [number, number | undefined][] = [
    [sent, passed],
    [passed ?? sent, received],
    [received ?? sent, releasedOf(sample)],
  ];
  const lost = steps.flatMap(([into, outOf]) =>
    outOf === undefined || into < leastSent ? [] : [Math.max(0, 1 - outOf / into)],
  );
  return lost.length > 0 ? Math.max(...lost) : undefined;
}

/** A machine that is not armed releases nothing, and need not refuse what asks for no motion. */
function releasedOf(sample: StreamSample): number | undefined {
  const { guardMode } = sample.browser?.control ?? {};
  if (guardMode !== 'armed' || refusedInAll(sample) > 0) return undefined;
  return figures.commandsReleased.of(sample);
}
