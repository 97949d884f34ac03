import type { Figure } from './figures.ts';
import type { StreamInput, StreamSample } from './input.ts';
import type { Evidence } from './vocabulary.ts';

/** One stream as rules see it: clean samples, oldest first. */
export type StreamView = Omit<StreamInput, 'samples'> & { samples: readonly StreamSample[] };

/** Where a condition holds: indices of samples, ascending. */
export type Slots = readonly number[];

/** A fault of the past is not the one that the operator tells of, ms; and so many samples bound the work. */
const windowMs = 60_000;
const maxSamples = 120;
/** So many samples in a row are no accident, nor are so many and such a share of all anywhere. */
const runLength = 2;
const scattered = { least: 3, leastShare: 0.15 };

/** The newest minute of a stream, in order, without what is no number that a figure can have. */
export function viewOf(input: StreamInput): StreamView {
  const samples = input.samples
    .filter(({ atMs }) => Number.isFinite(atMs))
    .map((sample) => cleaned(sample) as StreamSample)
    .sort((one, other) => one.atMs - other.atMs);
  const newestMs = samples.at(-1)?.atMs ?? 0;
  const young = samples.filter(({ atMs }) => newestMs - atMs < windowMs);
  return { ...input, samples: young.slice(-maxSamples) };
}

/** Drops every number that is not finite; a figure below zero is none either, but for times and steps. */
function cleaned(value: unknown, key = ''): unknown {
  if (isClean(value, key)) return value;
  if (Array.isArray(value)) return value.filter((entry) => Number.isFinite(entry));
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cleaned(one, name)]));
}

/** Nearly all samples are: they are not copied. */
function isClean(value: unknown, key: string): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && (value >= 0 || key === 'atMs');
  if (Array.isArray(value)) return value.every((entry) => Number.isFinite(entry));
  if (typeof value !== 'object' || value === null) return true;
  for (const name in value) {
    if (!isClean((value as { [name: string]: unknown })[name], name)) return false;
  }
  return true;
}

/** Samples for which `test` says true; what it cannot know, it does not say. */
export function slotsWhere(
  { samples }: StreamView,
  test: (sample: StreamSample) => boolean | undefined,
): Slots {
  return samples.flatMap((sample, slot) => (test(sample) ? [slot] : []));
}

/** Whether it lasted, or came again and again: a single sample is no fault. */
export function isSustained(slots: Slots, total: number): boolean {
  const inRun = (slot: number) =>
    Array.from({ length: runLength }, (_, back) => slot - back).every((at) => slots.includes(at));
  if (slots.some(inRun)) return true;
  return slots.length >= Math.max(scattered.least, scattered.leastShare * total);
}

/** Middle of the known values in these samples. */
export function medianOf(view: StreamView, slots: Slots, of: Figure['of']): number | undefined {
  return quantile(valuesOf(view, slots, of), 0.5);
}

/** What a figure was before: lower quartile over the first third of the window. */
export function earlyLevel({ samples }: StreamView, of: Figure['of']): number | undefined {
  const early = samples.slice(0, Math.max(1, Math.floor(samples.length / 3)));
  return quantile(
    early.flatMap((sample) => of(sample) ?? []),
    0.25,
  );
}

/** What a figure says for a finding; nothing when it is not known. `limit` in the figure's unit. */
export function cite(view: StreamView, slots: Slots, figure: Figure, limit?: number): Evidence[] {
  const value = medianOf(view, slots, figure.of);
  if (value === undefined) return [];
  const { name, unit } = figure;
  const shared = { figure: name, value: rounded(value), unit };
  return [limit === undefined ? shared : { ...shared, limit: rounded(limit) }];
}

function valuesOf({ samples }: StreamView, slots: Slots, of: Figure['of']): number[] {
  return slots.flatMap((slot) => of(samples[slot] as StreamSample) ?? []);
}

function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * share)];
}

/** Three digits are all that a reader needs. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
