import { SeededRandom } from './seeded-random.ts';
import { encodeTrace, type TraceLine } from './trace.ts';

/** What a synthetic mobile uplink is like. */
type TraceRecipe = {
  seed: number;
  lengthMs: number;
  /** Distance of the lines. */
  stepMs: number;
  rateKbps: readonly [low: number, high: number];
  /** Time constant of the fading, s. */
  fadingS: number;
  delayMs: readonly [low: number, high: number];
  /** Loss where the rate is lowest. */
  maxLossShare: number;
  handOvers: number;
  /** Length of the gap at a hand-over. */
  gapMs: readonly [low: number, high: number];
  /** Short fades to the lowest rate. */
  deepFades: number;
  fadeMs: readonly [low: number, high: number];
};

/** The traces that come with netem. */
export const shippedTraceNames = ['trace-4g', 'trace-5g'] as const;

/** Name of a trace that comes with netem. */
export type ShippedTraceName = (typeof shippedTraceNames)[number];

const recipes: Record<ShippedTraceName, TraceRecipe> = {
  'trace-4g': {
    seed: 4,
    lengthMs: 60_000,
    stepMs: 100,
    rateKbps: [1500, 12_000],
    fadingS: 3,
    delayMs: [15, 45],
    maxLossShare: 0.01,
    handOvers: 5,
    gapMs: [60, 140],
    deepFades: 0,
    fadeMs: [0, 0],
  },
  'trace-5g': {
    seed: 5,
    lengthMs: 60_000,
    stepMs: 100,
    rateKbps: [5000, 40_000],
    fadingS: 1.2,
    delayMs: [6, 20],
    maxLossShare: 0.005,
    handOvers: 6,
    gapMs: [30, 80],
    deepFades: 8,
    fadeMs: [200, 500],
  },
};

/** The text of a trace that comes with netem. */
export function encodeShippedTrace(name: ShippedTraceName): string {
  const about = `${name}: a synthetic mobile uplink, made by scripts/generate-traces.ts; nobody measured it.`;
  return encodeTrace(
    generateTrace(recipes[name]),
    `${about}\ntime ms, rate kbit/s, delay ms, loss %`,
  );
}

/** Makes a trace by a recipe; the same recipe gives the same lines. */
function generateTrace(recipe: TraceRecipe): TraceLine[] {
  const random = new SeededRandom(recipe.seed);
  const gaps = spread(recipe.handOvers, recipe.gapMs, recipe, random);
  const fades = spread(recipe.deepFades, recipe.fadeMs, recipe, random);
  // Where the signal is: -1 (worst) to 1 (best), pulled to the middle. Behind a hand-over it is anew.
  let signal = random.between(-1, 1);
  let wobble = 0;
  const lines: TraceLine[] = [];
  for (let timeMs = 0; timeMs < recipe.lengthMs; timeMs += recipe.stepMs) {
    const pull = recipe.stepMs / 1000 / recipe.fadingS;
    signal = clamp(signal * (1 - pull) + normal(random) * 0.6 * Math.sqrt(2 * pull), -1, 1);
    wobble = wobble * 0.8 + normal(random) * 0.12;
    const gap = gaps.find(({ atMs }) => atMs >= timeMs && atMs < timeMs + recipe.stepMs);
    const isFading = fades.some(({ atMs, endMs }) => timeMs >= atMs && timeMs < endMs);
    lines.push(lineOf(timeMs, isFading ? -1 : signal, wobble, recipe));
    if (!gap) continue;
    lines.push({ ...lineOf(gap.atMs, -1, wobble, recipe), rateKbps: 0, lossShare: 0 });
    signal = random.between(-0.5, 1);
    lines.push(lineOf(gap.endMs, signal, wobble, recipe));
  }
  return inOrder(lines, gaps);
}

type Span = { atMs: number; endMs: number };

/** Spans one in each equal part of the trace, at a random place of it, away from the trace's ends. */
function spread(
  count: number,
  [low, high]: readonly [number, number],
  { lengthMs, stepMs }: TraceRecipe,
  random: SeededRandom,
): Span[] {
  const partMs = (lengthMs - 20 * stepMs) / Math.max(1, count);
  return Array.from({ length: count }, (_, i) => {
    const atMs = Math.round(10 * stepMs + (i + random.between(0.1, 0.9)) * partMs);
    // No line of the grid has the time of a span.
    const offGridMs = atMs % stepMs === 0 ? atMs + 1 : atMs;
    return { atMs: offGridMs, endMs: offGridMs + Math.round(random.between(low, high)) };
  });
}

function lineOf(
  timeMs: number,
  signal: number,
  wobble: number,
  { rateKbps, delayMs, maxLossShare }: TraceRecipe,
): TraceLine {
  const quality = (signal + 1) / 2;
  const rate = rateKbps[0] * (rateKbps[1] / rateKbps[0]) ** quality;
  const delayShare = clamp(1 - quality + wobble, 0, 1);
  return {
    timeMs,
    rateKbps: Math.round(rate),
    delayMs: Number((delayMs[0] + (delayMs[1] - delayMs[0]) * delayShare).toFixed(1)),
    lossShare: Number((maxLossShare * (1 - quality) ** 3).toFixed(4)),
  };
}

/** By time, each time once; lines of the grid that lie in a gap go, the gap goes on. */
function inOrder(lines: TraceLine[], gaps: Span[]): TraceLine[] {
  const kept = lines.filter(
    ({ timeMs }) => !gaps.some(({ atMs, endMs }) => timeMs > atMs && timeMs < endMs),
  );
  const byTime = new Map(kept.map((line) => [line.timeMs, line]));
  return [...byTime.values()].toSorted((a, b) => a.timeMs - b.timeMs);
}

/** Nearly normal: mean 0, deviation 1. */
function normal(random: SeededRandom): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
