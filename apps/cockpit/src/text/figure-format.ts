/** What stands where a figure is unknown. */
export const unknownFigure = '–';

/** A figure with a fixed number of digits, or the sign for unknown. */
export function formatFigure(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return unknownFigure;
  const text = value.toFixed(digits);
  // −0.0 would flicker between signs at standstill.
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Speed in km/h of a speed in m/s; the direction is shown apart. */
export function formatSpeed(speedMps: number | undefined): string {
  return formatFigure(speedMps === undefined ? undefined : Math.abs(speedMps) * 3.6, 1);
}

/** Direction of travel as a word, with a band around standstill. */
export function directionOf(speedMps: number | undefined): 'forward' | 'reverse' | 'standing' | '' {
  if (speedMps === undefined || !Number.isFinite(speedMps)) return '';
  if (Math.abs(speedMps) < 0.05) return 'standing';
  return speedMps > 0 ? 'forward' : 'reverse';
}

/** `±` and the uncertainty, empty while it is unknown. Rounded up: it must not look better than it is. */
export function formatUncertainty(uncertaintyMs: number | undefined): string {
  if (uncertaintyMs === undefined || !Number.isFinite(uncertaintyMs)) return '';
  return uncertaintyMs > 999 ? '±>999' : `±${Math.ceil(uncertaintyMs)}`;
}
