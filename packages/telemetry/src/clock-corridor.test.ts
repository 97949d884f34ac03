import { describe, expect, it } from 'vitest';
import { boundAbove, boundBelow, isOpen, openCorridor, widthAt } from './clock-corridor.ts';

describe('clock corridor', () => {
  const open = openCorridor(-100, 100, 0.001);

  it('C2 is as wide for a skew as the bounds leave it', () => {
    const bounded = boundAbove(open, 50_000, 10);
    // 50 ms ago at most 10 µs: by now 60 µs at a skew of 0.001, and −40 µs at −0.001.
    expect(widthAt(bounded, 0.001).widthUs).toBeCloseTo(160);
    expect(widthAt(bounded, 0).middleUs).toBeCloseTo(-45);
    expect(widthAt(bounded, -0.001).widthUs).toBeCloseTo(60);
  });

  it('C7 is closed by bounds that no course meets', () => {
    const most = boundAbove(open, 0, 10);
    expect(isOpen(boundBelow(most, 100_000, 90))).toBe(true);
    expect(isOpen(boundBelow(most, 100_000, 120))).toBe(false);
  });
});
