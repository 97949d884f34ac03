import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frameTimestampOf, rtpTimestampOf, TickCounter } from './media-time.ts';

const twoTo32 = 2 ** 32;

it('D1 gives the very RTP timestamp of a shown picture, over turns of its counter', () => {
  const steps = fc.array(fc.integer({ min: -5_000, max: 2_000_000_000 }), { maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: twoTo32 - 1 }), steps, (first, list) => {
      const counter = new TickCounter();
      let timestamp = first;
      for (const step of [0, ...list]) {
        timestamp = (timestamp + step) >>> 0;
        const frameTimestamp = frameTimestampOf(counter.count(timestamp));
        expect(Number.isInteger(frameTimestamp)).toBe(true);
        // The element's mediaTime: the same in seconds.
        expect(rtpTimestampOf(frameTimestamp / 1_000_000)).toBe(timestamp);
      }
    }),
  );
});
