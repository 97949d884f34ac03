/** Gives `value` back when it is a whole number from 0 to `max`; throws RangeError naming the field otherwise. */
export function assertRange(value: number, max: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${name} is not a whole number from 0 to ${max}`);
  }
  return value;
}

/** Gives `value` back when it is finite; throws RangeError naming the field otherwise. */
export function assertFinite(value: number, name: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`${name} is not a finite number`);
  return value;
}
