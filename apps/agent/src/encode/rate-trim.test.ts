import { describe, expect, it } from 'vitest';
import { RateTrim } from './rate-trim.ts';

/** An encoder that makes this share of what it is told. */
function run(trim: RateTrim, target: number, share: number, pictures: number): number {
  trim.setTarget(target);
  let bytes = 0;
  for (let i = 0; i < pictures; i++) {
    bytes = target * trim.factor * share;
    trim.handlePicture(bytes);
  }
  return bytes / target;
}

describe('RateTrim', () => {
  it('makes up for an encoder that stays below its target, and no more', () => {
    expect(run(new RateTrim(), 5000, 0.85, 200)).toBeCloseTo(1, 1);
    expect(run(new RateTrim(), 5000, 1.2, 200)).toBeCloseTo(1.2, 5);
  });

  it('does not push pictures that need no more', () => {
    const trim = new RateTrim();
    run(trim, 5000, 0.85, 100);
    run(trim, 5000, 0.3, 100);
    expect(trim.factor).toBe(1);
  });

  it('begins anew when the target falls', () => {
    const trim = new RateTrim();
    run(trim, 5000, 0.85, 100);
    expect(trim.factor).toBeGreaterThan(1.1);
    trim.setTarget(2000);
    expect(trim.factor).toBe(1);
  });
});
