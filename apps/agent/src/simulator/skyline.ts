/** Sun and ridges: so far away that only the direction counts. */
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

const distanceM = 2000;
const peaks = 28;
const sunDirectionRad = 0.35;

const farHeights = heights(11, 60, 190);
const nearHeights = heights(5, 20, 90);

/** Draws them round the camera. */
export function drawSkyline(view: View): void {
  drawSun(view);
  drawRidge(view, farHeights, 0, palette.farRidge);
  drawRidge(view, nearHeights, 0.07, palette.nearRidge);
}

function heights(seed: number, low: number, high: number): number[] {
  let state = seed;
  return Array.from({ length: peaks }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return low + ((high - low) * state) / 2147483648;
  });
}

function drawSun(view: View): void {
  const radius = 75;
  view.begin();
  const x = view.x + Math.cos(sunDirectionRad) * distanceM;
  const y = view.y + Math.sin(sunDirectionRad) * distanceM;
  if (view.depthOf(x, y) < 0) return;
  for (let i = 0; i < 16; i++) {
    const across = Math.cos((i * Math.PI) / 8) * radius;
    const up = 150 + Math.sin((i * Math.PI) / 8) * radius;
    view.corner(x - Math.sin(sunDirectionRad) * across, y + Math.cos(sunDirectionRad) * across, up);
  }
  view.fill(palette.sun);
}

function drawRidge(view: View, ridge: readonly number[], offset: number, color: Yuv): void {
  for (let i = 0; i < peaks; i++) {
    const a = ((i + offset) * 2 * Math.PI) / peaks;
    // A hair wider than its share: blended edges side by side would show the sky between them.
    const b = ((i + 1.012 + offset) * 2 * Math.PI) / peaks;
    const ax = view.x + Math.cos(a) * distanceM;
    const ay = view.y + Math.sin(a) * distanceM;
    const bx = view.x + Math.cos(b) * distanceM;
    const by = view.y + Math.sin(b) * distanceM;
    if (view.depthOf(ax, ay) < 0 && view.depthOf(bx, by) < 0) continue;
    view.begin();
    view.corner(ax, ay, view.z);
    view.corner(bx, by, view.z);
    view.corner(bx, by, ridge[(i + 1) % peaks] as number);
    view.corner(ax, ay, ridge[i] as number);
    view.fill(color);
  }
}
