import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Presence } from './presence.ts';

const options = { suspectUs: 500_000, leftUs: 5_000_000 };

describe('presence', () => {
  it('is suspect after 500 ms without a sign and left after 5 s', () => {
    const presence = new Presence(options, 0);
    expect(presence.handleTick(499_999)).toBeUndefined();
    expect(presence.handleTick(500_000)).toBe('suspect');
    expect(presence.handleTick(4_999_999)).toBeUndefined();
    expect(presence.handleTick(5_000_000)).toBe('left');
  });

  it('a sign brings a suspect back, but nobody who has left', () => {
    const presence = new Presence(options, 0);
    presence.handleTick(600_000);
    expect(presence.handleSign(700_000)).toBe('present');
    expect(presence.handleTick(5_699_999)).toBe('suspect');
    expect(presence.handleTick(5_700_000)).toBe('left');
    expect(presence.handleSign(5_700_001)).toBeUndefined();
    expect(presence.state).toBe('left');
  });

  it('a broken link makes suspect at once, and does not shorten the time to leave', () => {
    const presence = new Presence(options, 0);
    expect(presence.handleLinkLost()).toBe('suspect');
    expect(presence.handleTick(4_999_999)).toBeUndefined();
    expect(presence.handleTick(5_000_000)).toBe('left');
  });

  it('whatever comes: never left while the last sign is younger than 5 s, always left after', () => {
    const event = fc.record({
      afterUs: fc.integer({ min: 0, max: 6_000_000 }),
      kind: fc.constantFrom('sign', 'tick', 'lost'),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const presence = new Presence(options, 0);
        let nowUs = 0;
        let signUs = 0;
        let hasLeft = false;
        for (const { afterUs, kind } of events) {
          nowUs += afterUs;
          if (kind === 'sign') presence.handleSign(nowUs);
          if (kind === 'sign' && !hasLeft) signUs = nowUs;
          if (kind === 'lost') presence.handleLinkLost();
          if (kind === 'tick') {
            presence.handleTick(nowUs);
            hasLeft ||= nowUs - signUs >= options.leftUs;
          }
          expect(presence.state === 'left').toBe(hasLeft);
        }
      }),
    );
  });
});
