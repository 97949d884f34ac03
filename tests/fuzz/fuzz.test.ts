import { describe, expect, it } from 'vitest';
import { fuzz, readCorpus } from './fuzz.ts';
import { expectThat, type FuzzTarget } from './fuzz-target.ts';
import { fuzzTargets } from './targets.ts';

describe('fuzz', () => {
  it.each(fuzzTargets)('$name holds for its corpus and for changed inputs', (target) => {
    expect(readCorpus(target).length).toBeGreaterThan(0);
    fuzz(target, { runs: 3_000, seed: 20 });
  });

  it('finds what breaks, and says how to see it again', () => {
    const target: FuzzTarget = {
      name: 'rtcp',
      examples: () => [],
      run: (input) => expectThat(input[1] !== 255, 'a byte that nobody expected'),
    };
    const run = () => fuzz(target, { runs: 200_000, seed: 3 });
    expect(run).toThrow(/rtcp broke at seed 3, run \d+: [0-9a-f]{2}ff/);
  });
});
