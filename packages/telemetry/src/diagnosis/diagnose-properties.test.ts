import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from './all-rules.ts';
import { buildReport } from './build-report.ts';
import { diagnose } from './diagnose.ts';
import type { StreamInput, StreamSample } from './input.ts';
import { blameFrom } from './rule.ts';
import { altered, figurePaths, withFigure, withoutFigures } from './testing/alter-samples.ts';
import { faults, healthy, samplesOf } from './testing/runs.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { stages } from './vocabulary.ts';

const paths = figurePaths(samplesOf({ seed: 1, samples: 1 })[0] as StreamSample);
/** Figures that are numbers, and lists of them: the types keep out the rest. */
const numbers = paths.filter((path) => typeof figureAt(path) === 'number');
const lists = paths.filter((path) => Array.isArray(figureAt(path)));
const sides = ['machine', 'server', 'browser', 'machine.uplink', 'browser.stats'];

/** Numbers that a counter or a clock may come to when something is wrong with it, and usual ones. */
const anyNumber = fc.oneof(
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300),
  fc.double({ min: 0, max: 5000, noNaN: true }),
  fc.nat(100),
);

const anyChange = fc.record({
  slot: fc.nat(20),
  path: fc.constantFrom(...paths, ...sides),
  value: anyNumber,
  isGone: fc.boolean(),
});

/** A run with or without a fault, with some of its figures replaced by anything or taken away. */
const anyStream = fc
  .record({
    seed: fc.nat(1000),
    samples: fc.nat(20),
    fault: fc.option(fc.constantFrom(...faults), { nil: undefined }),
    changes: fc.array(anyChange, { maxLength: 60 }),
    fieldMedia: fc.constantFrom('connected', 'failed', undefined),
    remoteMedia: fc.constantFrom('connected', 'reconnecting', undefined),
  } as const)
  .map(({ seed, samples, fault, changes, ...states }): Omit<StreamInput, 'streamId'> => {
    const faultsOfRun = fault ? [{ from: 2, changes: fault.changes }] : [];
    const run = samplesOf({ seed, samples, faults: faultsOfRun });
    const all = changes.reduce<StreamSample[]>((changed, { slot, path, value, isGone }) => {
      const sample = changed[slot];
      if (!sample) return changed;
      if (isGone) return changed.with(slot, withFigure(sample, path, undefined));
      if (numbers.includes(path)) return changed.with(slot, withFigure(sample, path, value));
      return lists.includes(path) ? changed.with(slot, withFigure(sample, path, [value])) : changed;
    }, run);
    return { ...states, samples: all };
  });

const anyStreams = fc
  .array(anyStream, { maxLength: 4 })
  .map((streams) => streams.map((stream, streamId) => ({ ...stream, streamId })));

describe('whatever the figures', () => {
  it('D10 a verdict is well formed, and a report can be made of it', () => {
    fc.assert(
      fc.property(anyStreams, (streams) => {
        const input = { deviceId: 'machine', streams };
        const verdict = diagnose(input);
        const { stage, findings, consequences, remarks, confidence } = verdict;
        expect(stage).toBe(findings[0]?.stage ?? 'healthy');
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
        for (const finding of [...findings, ...consequences]) {
          expect(stages).toContain(finding.stage);
          expect(finding.severity).toBeGreaterThanOrEqual(blameFrom);
        }
        for (const { severity, evidence } of [...findings, ...consequences, ...remarks]) {
          expect(severity).toBeLessThanOrEqual(1);
          expect(evidence.every(({ value }) => Number.isFinite(value))).toBe(true);
        }
        const roots = findings.map(({ cause }) => cause);
        expect(consequences.filter(({ explainedBy }) => !roots.includes(explainedBy))).toEqual([]);
        const report = buildReport(input, verdict);
        expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      }),
      { numRuns: 300 },
    );
  });

  it('D9 a verdict depends neither on the order of streams nor on that of samples, and changes nothing', () => {
    fc.assert(
      fc.property(anyStreams, fc.integer(), (streams, seed) => {
        const verdict = diagnose({ streams: streams.map(frozen) });
        expect(diagnose({ streams: shuffled(streams, seed) })).toEqual(verdict);
        const mixed = streams.map((stream) => ({
          ...stream,
          samples: shuffled(stream.samples, seed),
        }));
        expect(diagnose({ streams: mixed })).toEqual(verdict);
      }),
      { numRuns: 150 },
    );
  });

  it('D17 what is older than a minute does not count', () => {
    fc.assert(
      fc.property(anyStream, anyStream, (old, now) => {
        const newest = Math.max(...now.samples.map(({ atMs }) => atMs));
        const past = old.samples.map((sample, at) => ({
          ...sample,
          atMs: newest - 60_000 - 2000 * at,
        }));
        const stream = { ...now, streamId: 0 };
        fc.pre(now.samples.length > 0);
        const both = { ...stream, samples: [...past, ...now.samples] };
        expect(diagnose({ streams: [both] })).toEqual(diagnose({ streams: [stream] }));
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is missing', () => {
  it('D3 of what no evidence names, anything may be missing: the blame stays, or nobody is blamed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...faults),
        fc.nat(1000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ stage, changes }, seed, share) => {
          const samples = samplesOf({ seed, samples: 15, faults: [{ from: 4, changes }] });
          const { findings } = diagnose({ streams: [{ streamId: 0, samples }] });
          const cited = new Set(
            findings.flatMap(({ evidence }) => evidence.map((one) => one.figure)),
          );
          const random = new SeededRandom(seed);
          // A figure that the machine, the server or the browser does not know, it never knows.
          const gone = new Set(
            paths.filter((path) => !cited.has(path) && random.between(0, 1) < share),
          );
          const known = samples.map((sample) => withoutFigures(sample, (path) => gone.has(path)));
          const verdict = diagnose({ streams: [{ streamId: 0, samples: known }] });
          expect([stage, 'healthy']).toContain(verdict.stage);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('D3 nobody is blamed when whole sides are not known', () => {
    for (const { base } of healthy) {
      for (const side of ['machine', 'server', 'browser', 'machine.uplink', 'server.viewer']) {
        const samples = altered(samplesOf({ seed: 1, samples: 15, base }), { [side]: undefined });
        expect(diagnose({ streams: [{ streamId: 0, samples }] }).findings).toEqual([]);
      }
    }
  });

  it('D3 no rule finds anything in samples without figures', () => {
    const samples = Array.from({ length: 10 }, (_, at) => ({ atMs: 2000 * at }));
    for (const rule of rules) expect(rule.find({ streamId: 0, samples })?.slots ?? []).toEqual([]);
  });
});

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const random = new SeededRandom(seed);
  return all
    .map((one) => ({ one, key: random.between(0, 1) }))
    .sort((first, second) => first.key - second.key)
    .map(({ one }) => one);
}

/** A write to it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

function figureAt(path: string): unknown {
  const [sample] = samplesOf({ seed: 1, samples: 1 });
  return path
    .split('.')
    .reduce<unknown>((tree, key) => (tree as { [key: string]: unknown })[key], sample);
}
