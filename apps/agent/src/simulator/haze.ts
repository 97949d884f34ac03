import { mix, palette } from './palette.ts';
import type { Yuv } from './raster.ts';

const steps = 48;
/** Distance at which about two thirds of a colour are haze, m. */
const rangeM = 95;
const farthestM = 160;
const ramps = new Map<Yuv, Yuv[]>();

/** A colour as it looks through `depthM` metres of evening air. */
export function hazed(color: Yuv, depthM: number): Yuv {
  let ramp = ramps.get(color);
  if (!ramp) {
    ramp = Array.from({ length: steps }, (_, i) => {
      const distance = (i * farthestM) / (steps - 1);
      return mix(color, palette.haze, 1 - Math.exp(-distance / rangeM));
    });
    ramps.set(color, ramp);
  }
  const at = Math.round((Math.max(0, depthM) * (steps - 1)) / farthestM);
  return ramp[Math.min(steps - 1, at)] as Yuv;
}
