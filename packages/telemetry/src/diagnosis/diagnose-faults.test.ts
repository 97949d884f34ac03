import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { clockStep, faults, inputOf, type Run } from './testing/runs.ts';
import type { Verdict } from './vocabulary.ts';

/** Lengths and beginnings of faults: the whole of a short window, the middle of a long one, just now, and long over. */
const windows = [
  { name: 'all of 6 s', samples: 3, from: 0 },
  { name: 'all of 20 s', samples: 10, from: 0 },
  { name: 'from the middle of a minute on', samples: 30, from: 15 },
  { name: 'the last 4 s of half a minute', samples: 15, from: 13 },
  { name: '10 s, and well again since', samples: 30, from: 6, until: 11 },
];
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function verdictOf(run: Run): Verdict {
  return diagnose(inputOf(run));
}

describe.each(faults)('D1 $name', ({ stage, cause, changes }) => {
  it.each(windows)('D1 is blamed first: $name', ({ samples, from, until }) => {
    for (const seed of seeds) {
      const change = until === undefined ? { from, changes } : { from, until, changes };
      const verdict = verdictOf({ seed, samples, faults: [change] });
      const causes = verdict.findings.map((finding) => finding.cause);
      expect([verdict.stage, ...causes], `seed ${seed}`).toEqual([stage, cause]);
    }
  });
});

describe('D1 clock step', () => {
  it.each([30, -30, 80, 5_000])('D1 of %i ms is blamed first', (clockStepMs) => {
    for (const seed of seeds) {
      const change = { from: 7, until: 8, changes: { ...clockStep.changes, clockStepMs } };
      const verdict = verdictOf({ seed, samples: 15, faults: [change] });
      expect(verdict.findings.map(({ cause }) => cause)).toEqual(['clockStep']);
    }
  });

  it('D5 one that is taken back at once is a bad measure', () => {
    const input = inputOf({
      seed: 1,
      samples: 15,
      faults: [
        { from: 7, until: 8, changes: { clockStepMs: 80 } },
        { from: 8, until: 9, changes: { clockStepMs: -80 } },
      ],
    });
    expect(diagnose(input).stage).toBe('healthy');
  });

  it('D5 one within twice the uncertainty is none', () => {
    const leg = { roundTripMs: 120 };
    const base = { uplink: leg, downlink: leg };
    const run = { seed: 1, samples: 15, base };
    const step = (clockStepMs: number) =>
      verdictOf({ ...run, faults: [{ from: 7, until: 8, changes: { clockStepMs } }] }).stage;
    expect([step(80), step(300)]).toEqual(['healthy', 'clock']);
  });
});

describe('faults on other streams than 720p30 over a short way', () => {
  const bases = [
    { name: '60 pictures a second', base: { fps: 60, encodeMs: 6, decodeMs: 4 }, skip: [] },
    {
      name: 'a long way',
      base: { uplink: { roundTripMs: 120 }, downlink: { roundTripMs: 120 } },
      skip: [],
    },
    {
      name: '3 % loss',
      base: { uplink: { lossShare: 0.03 }, downlink: { lossShare: 0.03 } },
      // Waiting for repeats is what a buffer is for: jitter beside it is not told from it.
      skip: ['jitter buffer grown over jitter'],
    },
  ];
  const cases = bases.flatMap(({ name, base, skip }) =>
    faults
      .filter((fault) => !(skip as string[]).includes(fault.name))
      .map((fault) => ({ ...fault, base, where: name })),
  );

  it.each(cases)('D1 $name, $where', ({ stage, changes, base }) => {
    for (const seed of seeds) {
      const verdict = verdictOf({ seed, samples: 15, base, faults: [{ from: 6, changes }] });
      expect(verdict.stage, `seed ${seed}`).toBe(stage);
    }
  });
});
