import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreezeMeter, sumFreezePeriods } from './freeze-rate.ts';

type Act = { atMs: number; kind: 'frame' | 'pause' | 'resume' };

const acts = fc
  .array(
    fc.record({
      deltaMs: fc.integer({ min: 0, max: 400 }),
      kind: fc.constantFrom<Act['kind']>('frame', 'frame', 'frame', 'frame', 'pause', 'resume'),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ deltaMs, kind }): Act => {
      atMs += deltaMs;
      return { kind, atMs };
    });
  });

function run(list: Act[], endsMs: number[]) {
  const meter = new FreezeMeter(0);
  const periods = [];
  const ends = [...endsMs].sort((a, b) => a - b);
  for (const act of list) {
    while (ends[0] !== undefined && ends[0] <= act.atMs) {
      periods.push(meter.closePeriod(ends.shift() as number));
    }
    if (act.kind === 'frame') meter.handleFrame(act.atMs);
    else meter[act.kind](act.atMs);
  }
  for (const end of ends) periods.push(meter.closePeriod(end));
  return periods;
}

/** A second, naive count over closed lists, to compare with. */
function naiveFrozenMs(framesMs: number[], endMs: number, thresholdMs: number): number {
  const marks = [...framesMs, endMs];
  let frozen = 0;
  for (let i = 1; i < marks.length; i++) {
    const gap = (marks[i] as number) - (marks[i - 1] as number);
    if (gap > thresholdMs) frozen += gap;
  }
  return frozen;
}

describe('FreezeMeter', () => {
  it('F1 has no gap before the first frame', () => {
    const meter = new FreezeMeter(0);
    meter.handleFrame(5000);
    expect(meter.closePeriod(5050)).toMatchObject({ lag100: 0, gaps100: 0, frames: 1 });
  });

  it('F2 counts a longer gap whole, and not one of exactly the threshold', () => {
    const meter = new FreezeMeter(0);
    for (const at of [0, 100, 250, 401]) meter.handleFrame(at);
    const period = meter.closePeriod(401);
    expect(period).toMatchObject({ frozen100Ms: 301, frozen150Ms: 151, gaps100: 2, gaps150: 1 });
  });

  it('F2 equals a naive count over the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1 }), (deltas) => {
        let at = 0;
        const frames = deltas.map((delta) => {
          at += delta;
          return at;
        });
        const end = at + 130;
        const [period] = run(
          frames.map((atMs) => ({ atMs, kind: 'frame' })),
          [end],
        );
        expect(period?.frozen100Ms).toBe(naiveFrozenMs(frames, end, 100));
        expect(period?.frozen150Ms).toBe(naiveFrozenMs(frames, end, 150));
      }),
    );
  });

  it('F3 counts an open gap so far, then only what is new', () => {
    const meter = new FreezeMeter(0);
    meter.handleFrame(900);
    expect(meter.closePeriod(1020)).toMatchObject({ frozen100Ms: 120, frozen150Ms: 0 });
    expect(meter.closePeriod(2000)).toMatchObject({ frozen100Ms: 980, frozen150Ms: 1100 });
    meter.handleFrame(2010);
    expect(meter.closePeriod(2050)).toMatchObject({ frozen100Ms: 10, frozen150Ms: 10 });
  });

  it('F4 sums over any split into periods to the whole', () => {
    fc.assert(
      fc.property(
        acts,
        fc.array(fc.integer({ min: 0, max: 8000 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 500 }),
        (list, cuts, tailMs) => {
          const end = Math.max(list.at(-1)?.atMs ?? 0, 8000) + tailMs;
          const whole = sumFreezePeriods(run(list, [end]));
          const parts = sumFreezePeriods(run(list, [...cuts, end]));
          expect(parts).toEqual(whole);
        },
      ),
    );
  });

  it('F5 leaves paused time out of both sides', () => {
    const meter = new FreezeMeter(0);
    meter.handleFrame(0);
    meter.pause(50);
    meter.resume(5050);
    meter.handleFrame(5140);
    expect(meter.closePeriod(5140)).toMatchObject({
      activeMs: 140,
      frozen100Ms: 140,
      frozen150Ms: 0,
    });
  });

  it('F6 counts a gap over three periods as one', () => {
    const meter = new FreezeMeter(0);
    meter.handleFrame(0);
    const periods = [1000, 2000, 3000].map((at) => meter.closePeriod(at));
    expect(periods.map((period) => period.gaps150)).toEqual([1, 0, 0]);
  });

  it('F7 gives no rate when no time counted', () => {
    const meter = new FreezeMeter(0, { paused: true });
    const period = meter.closePeriod(1000);
    expect(period).not.toHaveProperty('lag100');
    expect(period).not.toHaveProperty('lag150');
  });

  it('F8 takes a time that runs backwards as the newest', () => {
    const meter = new FreezeMeter(0);
    meter.handleFrame(0);
    meter.closePeriod(200);
    meter.handleFrame(190);
    expect(meter.closePeriod(200)).toMatchObject({ activeMs: 0, frozen100Ms: 0 });
  });
});
