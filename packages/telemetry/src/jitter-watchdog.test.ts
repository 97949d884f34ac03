import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type JitterAction, JitterWatchdog, neededBufferMs } from './jitter-watchdog.ts';

type Stretch = {
  seconds: number;
  bufferMs?: number;
  targetMs?: number;
  jitterMs: number;
  roundTripMs: number;
  repeatsAsked: number;
};
type Fixture = {
  what: string;
  samples: (Stretch | { sleepSeconds: number })[];
  /** By the second in which they are due; in all others there is none. */
  actions: Record<string, JitterAction>;
};

const folder = `${import.meta.dirname}/testing/jitter`;
const names = globSync('*.json', { cwd: folder }).sort();

function play(samples: Fixture['samples'], watchdog = new JitterWatchdog()) {
  const actions: Record<string, JitterAction> = {};
  let second = 0;
  for (const stretch of samples) {
    if ('sleepSeconds' in stretch) {
      second += stretch.sleepSeconds;
      continue;
    }
    const { seconds, bufferMs, targetMs, ...arrivals } = stretch;
    for (let i = 0; i < seconds; i++, second++) {
      const action = watchdog.handleSample({
        nowMs: second * 1000,
        neededMs: neededBufferMs(arrivals),
        ...(bufferMs === undefined ? {} : { bufferMs }),
        ...(targetMs === undefined ? {} : { targetMs }),
      });
      if (action !== 'none') actions[second] = action;
    }
  }
  return actions;
}

const quiet = { jitterMs: 1, roundTripMs: 30, repeatsAsked: 0 };
const stuck = { bufferMs: 150, targetMs: 150, ...quiet };
const fine = { bufferMs: 8, targetMs: 10, ...quiet };

describe('JitterWatchdog', () => {
  it.each(names)('J1, J2, J4, J7 fixture %s', (name) => {
    const fixture = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Fixture;
    expect(play(fixture.samples), fixture.what).toEqual(fixture.actions);
  });

  it('J3 needs more with jitter, and a round trip when packets were asked for again', () => {
    const base = neededBufferMs({ jitterMs: 0, roundTripMs: 40, repeatsAsked: 0 });
    expect(base).toBe(10);
    expect(neededBufferMs({ jitterMs: 5, roundTripMs: 40, repeatsAsked: 0 })).toBe(30);
    expect(neededBufferMs({ jitterMs: 0, roundTripMs: 40, repeatsAsked: 3 })).toBe(70);
    expect(neededBufferMs({ jitterMs: 0, repeatsAsked: 3 })).toBeGreaterThan(base);
  });

  it('J5 watches anew after a reset that helped, and resets again', () => {
    const samples = [
      { seconds: 9, ...stuck },
      { seconds: 40, ...fine },
      { seconds: 9, ...stuck },
    ];
    expect(Object.values(play(samples))).toEqual(['reset', 'renew', 'reset', 'renew']);
    const helped = [
      { seconds: 5, ...stuck },
      { seconds: 20, ...fine },
    ];
    expect(Object.values(play([...helped, ...helped]))).toEqual(['reset', 'reset']);
  });

  it('J6 renews ever more rarely while nothing helps', () => {
    const actions = play([{ seconds: 1_800, ...stuck }]);
    const renewals = Object.entries(actions)
      .filter(([, action]) => action === 'renew')
      .map(([second]) => Number(second));
    const waits = renewals.slice(1).map((at, i) => at - (renewals[i] as number));
    expect(waits[0]).toBeGreaterThanOrEqual(30);
    for (let i = 1; i < waits.length; i++) {
      expect(waits[i]).toBeGreaterThanOrEqual(waits[i - 1] as number);
    }
    expect(renewals.length).toBeLessThan(12);
  });
});
