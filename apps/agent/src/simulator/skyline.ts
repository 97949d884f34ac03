/** Sun and ridges: so far away that only the direction counts. */
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

const distanceM = 2000;
const peaks = 28;
const sunDirectionRad = 0.35;

/** Corners relative to the camera, three numbers each. */
const farRidge = ridgeOf(heights(11, 60, 190), 0);
const nearRidge = ridgeOf(heights(5, 20, 90), 0.07);
const sun = sunOf(75, 150);

/** Draws them round the camera. */
export function drawSkyline(view: View): void {
  view.begin();
  if (view.depthOf(view.x + (sun[0] as number), view.y + (sun[1] as number)) > 0) {
    for (let i = 0; i < sun.length; i += 3) addCorner(view, sun, i, sun[i + 2] as number);
    view.fill(palette.sun);
  }
  drawRidge(view, farRidge, palette.farRidge);
  drawRidge(view, nearRidge, palette.nearRidge);
}

function heights(seed: number, low: number, high: number): number[] {
  let state = seed;
  return Array.from({ length: peaks }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return low + ((high - low) * state) / 2147483648;
  });
}

function sunOf(radiusM: number, heightM: number): Float64Array {
  const c = Math.cos(sunDirectionRad);
  const s = Math.sin(sunDirectionRad);
  const corners = Array.from({ length: 16 }, (_, i) => {
    const across = Math.cos((i * Math.PI) / 8) * radiusM;
    const up = Math.sin((i * Math.PI) / 8) * radiusM;
    return [c * distanceM - s * across, s * distanceM + c * across, heightM + up];
  });
  return Float64Array.from(corners.flat());
}

/** Two corners per panel, its left and its right upper one. */
function ridgeOf(ridge: readonly number[], offset: number): Float64Array {
  const corner = (share: number, heightM: number) => {
    const angle = ((share + offset) * 2 * Math.PI) / peaks;
    return [Math.cos(angle) * distanceM, Math.sin(angle) * distanceM, heightM];
  };
  // A hair wider than its share: blended edges side by side would show the sky between them.
  return Float64Array.from(
    ridge.flatMap((heightM, i) => [
      ...corner(i, heightM),
      ...corner(i + 1.012, ridge[(i + 1) % peaks] as number),
    ]),
  );
}

function drawRidge(view: View, ridge: Float64Array, color: Yuv): void {
  for (let a = 0; a < ridge.length; a += 6) {
    const b = a + 3;
    const aDepth = view.depthOf(view.x + (ridge[a] as number), view.y + (ridge[a + 1] as number));
    const bDepth = view.depthOf(view.x + (ridge[b] as number), view.y + (ridge[b + 1] as number));
    if (aDepth < 0 && bDepth < 0) continue;
    view.begin();
    addCorner(view, ridge, a, view.z);
    addCorner(view, ridge, b, view.z);
    addCorner(view, ridge, b, ridge[b + 2] as number);
    addCorner(view, ridge, a, ridge[a + 2] as number);
    view.fill(color);
  }
}

function addCorner(view: View, corners: Float64Array, at: number, z: number): void {
  view.corner(view.x + (corners[at] as number), view.y + (corners[at + 1] as number), z);
}
