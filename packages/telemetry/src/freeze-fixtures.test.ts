import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FreezeMeter, type FreezePeriod, sumFreezePeriods } from './freeze-rate.ts';

type Step =
  | { at: number; is: 'frame' | 'pause' | 'resume' | 'period' }
  | { every: number; from: number; to: number; is: 'frame' };
type Fixture = { what: string; steps: Step[]; periods: FreezePeriod[]; total: FreezePeriod };

const folder = `${import.meta.dirname}/testing/freeze`;
const names = globSync('*.json', { cwd: folder }).sort();

/** Times from 0 on; a step of `every` is one frame each so many ms, both ends included. */
function play(steps: readonly Step[]): FreezePeriod[] {
  const meter = new FreezeMeter(0);
  const periods: FreezePeriod[] = [];
  for (const step of steps) {
    if ('every' in step) {
      for (let at = step.from; at <= step.to; at += step.every) meter.handleFrame(at);
    } else if (step.is === 'frame') meter.handleFrame(step.at);
    else if (step.is === 'period') periods.push(meter.closePeriod(step.at));
    else meter[step.is](step.at);
  }
  return periods;
}

describe('lag100 and lag150 of fixtures', () => {
  it('F2, F3, F5: has fixtures', () => {
    expect(names.length).toBeGreaterThan(4);
  });

  it.each(names)('%s', (name) => {
    const fixture = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Fixture;
    const periods = play(fixture.steps);
    periods.forEach((period, i) => {
      expectPeriod(period, fixture.periods[i], `${basename(name)} period ${i}`);
    });
    expect(periods).toHaveLength(fixture.periods.length);
    expectPeriod(sumFreezePeriods(periods), fixture.total, `${basename(name)} total`);
  });
});

/** Counts exactly, rates to the last digit that a division leaves. */
function expectPeriod(got: FreezePeriod, wanted: FreezePeriod | undefined, where: string): void {
  const { lag100, lag150, ...counts } = got;
  const { lag100: wanted100, lag150: wanted150, ...wantedCounts } = wanted ?? got;
  expect(counts, where).toEqual(wantedCounts);
  expect(lag100 === undefined, where).toBe(wanted100 === undefined);
  expect(lag100 ?? 0, where).toBeCloseTo(wanted100 ?? 0, 9);
  expect(lag150 ?? 0, where).toBeCloseTo(wanted150 ?? 0, 9);
}
