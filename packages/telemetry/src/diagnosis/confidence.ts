import { type Figure, figures } from './figures.ts';
import { isSustained, type StreamView, slotsWhere } from './view.ts';
import { type Finding, type Stage, stages } from './vocabulary.ts';

/** Nothing that is measured is quite sure. */
const most = 0.95;
/** What each unknown stage before the blamed one leaves of it, another fault as severe, and few samples. */
const factors = { unknownStage: 0.85, rival: 0.8, fewSamples: 0.85, frozen: 0.5 } as const;
const fewSamples = 5;

/** A stage of the picture's way is known when one of these is, in at least half of the samples. */
const telling: Partial<Record<Stage, readonly Figure[]>> = {
  camera: [figures.capturedFps],
  encoder: [figures.encodedFps],
  uplink: [figures.serverFps, figures.uplinkLoss, figures.uplinkKbps],
  server: [figures.eventLoopMs, figures.forwardMs],
  downlink: [figures.arrivedFps, figures.downlinkLoss, figures.downlinkKbps],
  jitterBuffer: [figures.bufferMs],
  decoder: [figures.decodedFps, figures.decodeTimeMs],
  rendering: [figures.presentedFps, figures.hidden],
};

/** How sure it is that `blamed` is to blame first. */
export function confidenceOfBlame(view: StreamView, blamed: Finding, hasRival: boolean): number {
  const before = stages.slice(0, stages.indexOf(blamed.stage));
  const unknown = before.filter((stage) => isUnknown(view, stage)).length;
  const shared = most * lengthFactor(view) * (hasRival ? factors.rival : 1);
  return rounded(shared * factors.unknownStage ** unknown);
}

/** How sure it is that nobody is to blame: as sure as the way is known. */
export function confidenceOfHealth(views: readonly StreamView[], isFrozen: boolean): number {
  const of = (view: StreamView) => {
    const known = stages.filter((stage) => telling[stage] && !isUnknown(view, stage)).length;
    return (known / Object.keys(telling).length) * lengthFactor(view);
  };
  const least = views.length === 0 ? 0 : Math.min(...views.map(of));
  return rounded(most * least * (isFrozen ? factors.frozen : 1));
}

function isUnknown(view: StreamView, stage: Stage): boolean {
  const figuresOfStage = telling[stage];
  if (!figuresOfStage) return false;
  const known = slotsWhere(view, (sample) =>
    figuresOfStage.some((figure) => figure.of(sample) !== undefined),
  );
  return known.length * 2 < view.samples.length || !isSustained(known, view.samples.length);
}

function lengthFactor({ samples }: StreamView): number {
  return samples.length < fewSamples ? factors.fewSamples : 1;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
