/** Colours of the cockpit: dark for night work, each text colour at WCAG AA or better on each ground (checked by a test). */
export const palette = {
  ground: '#07090c',
  panel: '#10151b',
  raised: '#1a222b',
  line: '#33404d',
  text: '#eef3f7',
  quiet: '#a9b8c6',
  /** Ground of the banner of who is in control: seen at once, not glaring at night. */
  control: '#0b4461',
  accent: '#5cc8ff',
  good: '#4be08c',
  warn: '#ffc14a',
  danger: '#ff7a70',
  /** Ground of the emergency stop; its text is white. */
  stop: '#cf0a0a',
  stopText: '#ffffff',
  /** Text on a ground of a signal colour. */
  ink: '#07090c',
} as const;

/** Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, 1.4.3). */
export function contrastOf(first: string, second: string): number {
  const [a, b] = [luminanceOf(first), luminanceOf(second)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminanceOf(colour: string): number {
  const channel = (at: number): number => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
