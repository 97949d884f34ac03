import { Backoff } from '@longreach/kit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { retryWaits } from './retry-waits.ts';

it('B1 begins small, doubles, stays within its bound and begins anew', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8 }), (draws) => {
      let i = 0;
      const backoff = new Backoff(retryWaits);
      const draw = () => draws[i++ % draws.length] as number;
      const waits = draws.map(() => backoff.nextMs(draw()));
      waits.forEach((wait, n) => {
        const plain = Math.min(2000, 100 * 2 ** n);
        expect(wait).toBeGreaterThanOrEqual(plain * 0.8 - 1e-9);
        expect(wait).toBeLessThanOrEqual(Math.min(2000, plain * 1.2) + 1e-9);
      });
      backoff.reset();
      expect(backoff.nextMs(draw())).toBeLessThanOrEqual(120 + 1e-9);
    }),
    // Kept from a failure: 100 × 1.2 is a little more than 120 in floating point.
    { examples: [[[1, 0, 0, 0, 0, 0, 0, 0]]] },
  );
});
