import { describe, expect, it } from 'vitest';
import { contrastOf, palette } from './palette.ts';

describe('palette', () => {
  const texts = ['text', 'quiet', 'accent', 'good', 'warn', 'danger'] as const;
  const grounds = ['ground', 'panel', 'raised'] as const;

  it.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    '%s on %s reaches AA',
    (text, ground) => {
      expect(contrastOf(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(['accent', 'good', 'warn', 'danger'] as const)('ink on %s reaches AA', (signal) => {
    expect(contrastOf(palette.ink, palette[signal])).toBeGreaterThanOrEqual(4.5);
  });

  it('the emergency stop is legible and stands out from its ground', () => {
    expect(contrastOf(palette.stopText, palette.stop)).toBeGreaterThanOrEqual(4.5);
    expect(contrastOf(palette.stop, palette.ground)).toBeGreaterThanOrEqual(3);
  });

  it('the banner of control is legible', () => {
    expect(contrastOf(palette.text, palette.control)).toBeGreaterThanOrEqual(7);
  });

  it('knows the extremes', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrastOf('#123456', '#123456')).toBe(1);
  });
});
