import { commandsWithoutWay, fewerPictures, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import {
  lostShare,
  slotsOfLostPictures,
  slotsOfLostTrail,
  slotsOfState,
  union,
} from '../leg-outage.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, type Slots, type StreamView, slotsWhere } from '../view.ts';

/** Silence is told from a late answer after some 200 ms: so much more of a period (160 ms of 2 s) is a gap in the pictures, %. */
const outagePercent = 8;

const leg = {
  into: figures.encodedFps,
  outOf: figures.serverFps,
  loss: figures.uplinkLoss,
  queue: figures.uplinkQueueMs,
};

/** What the machine sends does not reach the server, for a time or at all. */
export const uplinkOutage: Rule = {
  stage: 'uplink',
  cause: 'uplinkOutage',
  summary: 'what the machine sends does not reach the server',
  when: `The machine sends pictures and hears nothing of them for ${outagePercent} % of the time; or the server gets ${fewerPictures} than are encoded, without loss or queue; or the connection is lost; or the server gets nothing any more, and nothing is known of the machine.`,
  advice:
    "Look at the machine's network: coverage, hand-overs, its modem, a firewall that blocks UDP. A second network would bridge it.",
  explains: [
    'encoderSilent',
    'uplinkLoss',
    'uplinkRate',
    'uplinkQueue',
    ...unevenArrivals,
    ...commandsWithoutWay,
  ],
  find(view) {
    const slots = union(
      slotsWhere(view, isUnheard),
      slotsOfLostPictures(view, leg),
      slotsOfState(view, view.fieldMedia, figures.serverFps),
      slotsOfLostTrail(view, [figures.capturedFps, figures.encodedFps], figures.serverFps),
    );
    const evidence = [
      ...cite(view, slots, figures.uplinkOutage, outagePercent),
      ...cite(view, slots, figures.encodedFps),
      ...cite(view, slots, figures.serverFps),
    ];
    return { slots, severity: severityOf(view, slots), evidence };
  },
};

/** Silence of a machine that sends nothing is no outage. */
function isUnheard(sample: StreamSample): boolean {
  const isSending = figures.encodedFps.of(sample) !== 0;
  return isSending && (figures.uplinkOutage.of(sample) ?? 0) >= outagePercent;
}

function severityOf(view: StreamView, slots: Slots): number {
  const unheard = grade(
    medianOf(view, slots, figures.uplinkOutage.of),
    outagePercent,
    60,
    [0.5, 1],
  );
  const lost = medianOf(view, slots, (sample) => lostShare(sample, leg.into, leg.outOf));
  return Math.max(unheard, grade(lost, 0.15, 0.8, [0, 1]));
}
