/** The part of a picture that no driving changes: sky and ground by rows, painted once and copied into every frame. */
import { mix, palette } from './palette.ts';
import type { Planes, Yuv } from './raster.ts';
import type { View } from './view.ts';

/** Sky and ground of one camera. */
export type Backdrop = { y: Uint8Array; u: Uint8Array; v: Uint8Array };

/** Paints the backdrop for the camera behind `view`; the planes' strides are kept. */
export function createBackdrop(view: View, heightM: number, planes: Planes): Backdrop {
  const backdrop: Backdrop = {
    y: new Uint8Array(planes.y.length),
    u: new Uint8Array(planes.u.length),
    v: new Uint8Array(planes.v.length),
  };
  for (let row = 0; row < planes.height; row++) {
    const color = rowColor(view, heightM, row + 0.5);
    backdrop.y.fill(color[0], row * planes.strideY, (row + 1) * planes.strideY);
    if (row % 2 === 1) continue;
    const at = (row >> 1) * planes.strideC;
    backdrop.u.fill(color[1], at, at + planes.strideC);
    backdrop.v.fill(color[2], at, at + planes.strideC);
  }
  return backdrop;
}

function rowColor(view: View, heightM: number, row: number): Yuv {
  const below = row - view.horizonPx;
  if (below > 0) {
    const distance = (heightM * view.focalPx) / below;
    return mix(palette.ground, palette.haze, 1 - Math.exp(-distance / 95));
  }
  // Angle above the horizon; the glow lies in the lowest ten degrees.
  const up = Math.atan(-below / view.focalPx) / 0.6;
  return up < 0.3
    ? mix(palette.horizon, palette.midSky, up / 0.3)
    : mix(palette.midSky, palette.zenith, Math.min(1, (up - 0.3) / 0.7));
}
