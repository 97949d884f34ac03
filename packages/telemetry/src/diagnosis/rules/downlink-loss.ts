import { commandsWithoutWay, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import { findLoss, type Leg, lossLimits } from '../leg-loss.ts';
import type { Rule } from '../rule.ts';

const leg: Leg = {
  loss: figures.downlinkLoss,
  queue: figures.downlinkQueueMs,
  into: figures.serverFps,
  outOf: figures.arrivedFps,
};

/** The operator's network loses packets. */
export const downlinkLoss: Rule = {
  stage: 'downlink',
  cause: 'downlinkLoss',
  summary: "the operator's network loses packets",
  when: `The leg to the browser loses ${lossLimits.harmful} % and pictures are missing behind it; or it loses ${lossLimits.strain} %. Not while a queue stands. Less, hidden by repair, is a remark.`,
  advice:
    "Use a cable instead of radio at the operator's place, or move closer to the access point.",
  explains: [...unevenArrivals, ...commandsWithoutWay],
  find: (view) => findLoss(view, leg),
};
