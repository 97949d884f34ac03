import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockSync } from './clock-sync.ts';

function exchange(sentUs: number, offsetUs: number, thereUs: number, backUs: number, workUs = 10) {
  const receivedUs = sentUs + thereUs + offsetUs;
  const repliedUs = receivedUs + workUs;
  return { sentUs, receivedUs, repliedUs, arrivedUs: repliedUs - offsetUs + backUs };
}

describe('ClockSync', () => {
  it('C1 finds the offset of a symmetric path exactly', () => {
    const sync = new ClockSync();
    sync.handleExchange(exchange(1000, -7_000_000, 500, 500));
    expect(sync.offsetAt(2010)).toEqual({ offsetUs: -7_000_000, uncertaintyUs: 500 });
  });

  it('C2 prefers the smallest round trip until drift makes a younger one better', () => {
    const sync = new ClockSync({ driftPpm: 100 });
    sync.handleExchange(exchange(0, 1000, 100, 100));
    sync.handleExchange(exchange(10_000, 1000, 100, 900));
    expect(sync.offsetAt(20_000)?.offsetUs).toBe(1000);
    sync.handleExchange(exchange(9_000_000, 1400, 400, 400));
    expect(sync.offsetAt(9_001_000)?.offsetUs).toBe(1400);
  });

  it('C3 holds the true offset within its uncertainty, drift included', () => {
    const trip = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 12), max: 10 ** 12 }),
        fc.array(fc.record({ thereUs: trip, backUs: trip }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: -40, max: 40 }),
        (startOffsetUs, trips, driftPpm) => {
          const sync = new ClockSync();
          const offsetAtUs = (us: number) => startOffsetUs + (us * driftPpm) / 1_000_000;
          let nowUs = 0;
          for (const { thereUs, backUs } of trips) {
            const arrivedUs = nowUs + thereUs + backUs;
            const stampUs = nowUs + thereUs + offsetAtUs(nowUs + thereUs);
            sync.handleExchange({
              sentUs: nowUs,
              receivedUs: stampUs,
              repliedUs: stampUs,
              arrivedUs,
            });
            nowUs = arrivedUs + 1_000_000;
          }
          const known = sync.offsetAt(nowUs);
          if (known === undefined) throw new Error('no offset');
          const errorUs = Math.abs(known.offsetUs - offsetAtUs(nowUs));
          // Half the round trip's own drift (400 ms × 40 ppm) is below the margin.
          expect(errorUs).toBeLessThanOrEqual(known.uncertaintyUs + 17);
        },
      ),
    );
  });

  it('C4 forgets what is older than the window or beyond the largest number', () => {
    const sync = new ClockSync({ windowUs: 1_000_000, maxExchanges: 2 });
    sync.handleExchange(exchange(0, 5, 1, 1));
    sync.handleExchange(exchange(100, 7, 300, 300));
    sync.handleExchange(exchange(1000, 7, 300, 300));
    expect(sync.offsetAt(2000)?.offsetUs).toBe(7);
    expect(sync.offsetAt(1_500_000)).toBeUndefined();
  });

  it('C5 refuses stamps that cannot be true', () => {
    const sync = new ClockSync();
    const bad = [
      { sentUs: 10, receivedUs: 0, repliedUs: 0, arrivedUs: 5 },
      { sentUs: 0, receivedUs: 10, repliedUs: 5, arrivedUs: 20 },
      { sentUs: 0, receivedUs: 0, repliedUs: 50, arrivedUs: 20 },
      { sentUs: 0, receivedUs: Number.NaN, repliedUs: 0, arrivedUs: 20 },
    ];
    for (const stamps of bad) expect(sync.handleExchange(stamps)).toBe(false);
    expect(sync.offsetAt(20)).toBeUndefined();
  });

  it('C6 knows nothing before the first exchange and after a reset', () => {
    const sync = new ClockSync();
    expect(sync.offsetAt(0)).toBeUndefined();
    sync.handleExchange(exchange(0, 5, 1, 1));
    sync.reset();
    expect(sync.offsetAt(20)).toBeUndefined();
  });
});
