/** H.264 as a byte stream (Annex B of the standard): units behind start codes. */

/** Type of a unit that holds a sequence parameter set (table 7-1). */
export const spsUnitType = 7;
/** Type of a unit of a key frame. */
export const idrUnitType = 5;

/** Types of the units in a byte stream, in order. */
export function unitTypesOf(data: Uint8Array): number[] {
  const types: number[] = [];
  for (let i = 0; i + 3 < data.length; i++) {
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1) {
      types.push((data[i + 3] as number) & 0x1f);
      i += 3;
    }
  }
  return types;
}

/** A copy of a key frame that begins with parameter sets: its own, else those given. */
export function withParameterSets(data: Buffer, parameterSets: Buffer): Buffer {
  if (unitTypesOf(data.subarray(0, 256)).includes(spsUnitType)) return Buffer.from(data);
  return Buffer.concat([parameterSets, data]);
}
