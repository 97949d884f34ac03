import { describe, expect, it } from 'vitest';
import { isOpen, narrowCorridor, openCorridor, widthAt } from './clock-corridor.ts';

describe('clock corridor', () => {
  const open = openCorridor(-100, 100, 0.001);

  it('C2 is as wide for a skew as the bounds leave it', () => {
    const bounded = narrowCorridor(open, { side: 'atMost', ageUs: 50_000, offsetUs: 10 });
    // 50 ms ago at most 10 µs: by now 60 µs at a skew of 0.001, and −40 µs at −0.001.
    expect(widthAt(bounded, 0.001)?.widthUs).toBeCloseTo(160);
    expect(widthAt(bounded, 0)?.middleUs).toBeCloseTo(-45);
    expect(widthAt(bounded, -0.001)?.widthUs).toBeCloseTo(60);
    expect(widthAt(bounded, 0.002)).toBeUndefined();
  });

  it('C7 is closed by bounds that no course meets', () => {
    const most = narrowCorridor(open, { side: 'atMost', ageUs: 0, offsetUs: 10 });
    expect(isOpen(narrowCorridor(most, { side: 'atLeast', ageUs: 1000, offsetUs: 9 }))).toBe(true);
    expect(isOpen(narrowCorridor(most, { side: 'atLeast', ageUs: 1000, offsetUs: 12 }))).toBe(
      false,
    );
  });
});
