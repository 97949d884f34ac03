import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('Backoff', () => {
  it('doubles up to its bound and begins anew, exactly so without dice', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 2000 });
    const waits = Array.from({ length: 7 }, () => backoff.nextMs());
    expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(100);
  });

  it('spreads each wait by a fifth at most, and never past its bound', () => {
    const draw = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(draw, { minLength: 8 }), (draws) => {
        const backoff = new Backoff({ firstMs: 50, maxMs: 1000 });
        for (const [n, value] of draws.entries()) {
          const plainMs = Math.min(1000, 50 * 2 ** n);
          const waitMs = backoff.nextMs(value);
          expect(waitMs).toBeGreaterThanOrEqual(plainMs * 0.8 - 1e-9);
          expect(waitMs).toBeLessThanOrEqual(Math.min(1000, plainMs * 1.2) + 1e-9);
        }
      }),
    );
  });
});
