import { commandsWithoutWay, fewerPictures, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import {
  lostShare,
  slotsOfLostPictures,
  slotsOfLostTrail,
  slotsOfState,
  union,
} from '../leg-outage.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf } from '../view.ts';

const leg = {
  into: figures.serverFps,
  outOf: figures.arrivedFps,
  loss: figures.downlinkLoss,
  queue: figures.downlinkQueueMs,
};
/** What would tell that the pictures were lost before. */
const before = [figures.capturedFps, figures.encodedFps, figures.serverFps];

/** What the server sends does not reach the browser, for a time or at all. */
export const downlinkOutage: Rule = {
  stage: 'downlink',
  cause: 'downlinkOutage',
  summary: "what the server sends does not reach the operator's browser",
  when: `The browser gets ${fewerPictures} than the server, without loss or queue; or the connection is lost; or the browser gets nothing any more, and nothing is known of what is before it.`,
  advice:
    "Look at the operator's network: is it up, does it let UDP through, did it change? Another network or a cable helps.",
  explains: [
    'downlinkLoss',
    'downlinkRate',
    'masterRate',
    'downlinkQueue',
    ...unevenArrivals,
    ...commandsWithoutWay,
  ],
  find(view) {
    const slots = union(
      slotsOfLostPictures(view, leg),
      slotsOfState(view, view.remoteMedia, figures.arrivedFps),
      slotsOfLostTrail(view, before, figures.arrivedFps),
    );
    const lost = medianOf(view, slots, (sample) => lostShare(sample, leg.into, leg.outOf));
    const evidence = [
      ...cite(view, slots, figures.arrivedFps),
      ...cite(view, slots, figures.serverFps),
    ];
    return { slots, severity: grade(lost, 0.15, 0.8, [0.4, 1]), evidence };
  },
};
