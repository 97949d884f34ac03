import { commandsWithoutWay, unevenArrivals } from '../conditions.ts';
import { figures } from '../figures.ts';
import type { StreamSample } from '../input.ts';
import { grade, type Rule } from '../rule.ts';
import { cite, medianOf, slotsWhere } from '../view.ts';

/** A worker that is late by two pictures (30 a second) is felt; on an idle machine it is 1 to 10 ms, on a busy one some 40. */
const eventLoopMs = 60;
/** Packets leave within a few ms, unless the worker does something else. */
const forwardMs = 50;

/** The media worker does not get the CPU that it needs. */
export const workerHeld: Rule = {
  stage: 'server',
  cause: 'workerHeld',
  summary: 'the media worker is held up',
  when: `The worker's event loop is ${eventLoopMs} ms late, or packets take ${forwardMs} ms through it (p99).`,
  advice:
    'Look what uses the CPU of the media node; give the worker a core of its own, fewer rooms, or a higher priority.',
  explains: [
    'encoderSilent',
    'uplinkOutage',
    'uplinkLoss',
    'uplinkRate',
    'uplinkQueue',
    'downlinkOutage',
    'downlinkLoss',
    'downlinkRate',
    'masterRate',
    'downlinkQueue',
    ...unevenArrivals,
    ...commandsWithoutWay,
  ],
  find(view) {
    const slots = slotsWhere(view, isHeld);
    const loop = grade(medianOf(view, slots, figures.eventLoopMs.of), eventLoopMs, 250, [0.4, 1]);
    const forward = grade(medianOf(view, slots, figures.forwardMs.of), forwardMs, 200, [0.4, 1]);
    const evidence = [
      ...cite(view, slots, figures.eventLoopMs, eventLoopMs),
      ...cite(view, slots, figures.forwardMs, forwardMs),
    ];
    return { slots, severity: Math.max(loop, forward), evidence };
  },
};

function isHeld(sample: StreamSample): boolean {
  const isLate = (figures.eventLoopMs.of(sample) ?? 0) >= eventLoopMs;
  return isLate || (figures.forwardMs.of(sample) ?? 0) >= forwardMs;
}
