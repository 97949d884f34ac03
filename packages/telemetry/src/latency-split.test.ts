import { describe, expect, it } from 'vitest';
import { LatencySplit } from './latency-split.ts';

const latency = { meanMs: 50, uncertaintyMs: 3, frames: 60 };

describe('LatencySplit', () => {
  it('L4 gives the mean over the frames that the worker told of in the period', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 100, uncertaintyMs: 9, frames: 30 }, 900);
    split.handleArrivals({ meanMs: 10, uncertaintyMs: 1, frames: 30 }, 1900);
    split.handleArrivals({ meanMs: 40, uncertaintyMs: 4, frames: 60 }, 2900);
    const { latency1 } = split.partsOf(latency, 1000, 3000);
    expect(latency1).toEqual({ meanMs: 30, uncertaintyMs: 3 });
  });

  it('L4 takes the newest report in a period without one, while that is at most 3 s old', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 20, uncertaintyMs: 1, frames: 30 }, 1000);
    expect(split.partsOf(latency, 3000, 3500).latency1?.meanMs).toBe(20);
    expect(split.partsOf(latency, 4000, 4500)).toEqual({});
  });

  it('L4 knows the part up to the worker also when nothing was presented', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 20, uncertaintyMs: 1, frames: 30 }, 1000);
    expect(split.partsOf(undefined, 0, 2000)).toEqual({
      latency1: { meanMs: 20, uncertaintyMs: 1 },
    });
  });

  it('L5 makes the parts add up to the latency', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 20, uncertaintyMs: 1, frames: 30 }, 1000);
    const { latency1, latency2 } = split.partsOf(latency, 0, 2000);
    expect((latency1?.meanMs ?? 0) + (latency2?.meanMs ?? 0)).toBe(50);
  });

  it('L6 gives each part the uncertainty of its own clocks', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 20, uncertaintyMs: 1, frames: 30 }, 1000);
    expect(split.partsOf(latency, 0, 2000).latency2?.uncertaintyMs).toBe(2);
    const less = { ...latency, uncertaintyMs: 0.5 };
    expect(split.partsOf(less, 0, 2000).latency2?.uncertaintyMs).toBe(0);
  });

  it('L4 keeps what a period of a minute needs, and no more', () => {
    const split = new LatencySplit();
    for (let second = 0; second < 1000; second++) {
      split.handleArrivals({ meanMs: second, uncertaintyMs: 1, frames: 30 }, second * 1000);
    }
    expect(split.partsOf(latency, 0, 1_000_000).latency1?.meanMs).toBe(999 - 63 / 2);
  });

  it('L4 ignores a report without frames or without a clock', () => {
    const split = new LatencySplit();
    split.handleArrivals({ meanMs: 20, uncertaintyMs: 1, frames: 0 }, 1000);
    split.handleArrivals({ meanMs: Number.NaN, uncertaintyMs: 1, frames: 30 }, 1000);
    expect(split.partsOf(latency, 0, 2000)).toEqual({});
  });
});
