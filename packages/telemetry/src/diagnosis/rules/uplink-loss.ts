import { commandsWithoutWay, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import { findLoss, type Leg, lossLimits } from '../leg-loss.ts';
import type { Rule } from '../rule.ts';

const leg: Leg = {
  loss: figures.uplinkLoss,
  queue: figures.uplinkQueueMs,
  into: figures.encodedFps,
  outOf: figures.serverFps,
  givenUp: figures.uplinkGivenUp,
};

/** The machine's network loses packets. */
export const uplinkLoss: Rule = {
  stage: 'uplink',
  cause: 'uplinkLoss',
  summary: "the machine's network loses packets",
  when: `The uplink loses ${lossLimits.harmful} % and pictures are missing behind it or ${lossLimits.givenUp} % of the packets are given up; or it loses ${lossLimits.strain} %. Not while a queue stands. Less, hidden by repair, is a remark.`,
  advice:
    "Improve the machine's radio link: antenna, channel, distance, another network. Less bitrate leaves more room for repair.",
  explains: [...unevenArrivals, ...commandsWithoutWay],
  find: (view) => findLoss(view, leg),
};
