/** What lies on the ground: tiles that show speed, the track with its lines, shadows. */
import type { Course, CourseObject, Point } from './course.ts';
import { hazed } from './haze.ts';
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

const tileM = 4;
const tilesSeenM = 34;
const trackSeenM = 110;
const lineWidthM = 0.16;

/** One stretch of the track with its corners worked out: left and right of both ends. */
export type TrackStretch = {
  middle: Point;
  surface: readonly number[];
  leftLine: readonly number[];
  rightLine: readonly number[];
  /** Middle line and, each ten metres, a bar across by which distances are judged. */
  dash: readonly number[] | undefined;
  tick: readonly number[] | undefined;
  color: Yuv;
};

/** Works out the corners of the whole track once. */
export function createTrack(course: Course): TrackStretch[] {
  const n = course.centre.length;
  const stretches: TrackStretch[] = [];
  let run = 0;
  let nextTick = 0;
  for (let i = 0; i < n; i++) {
    const a = cross(course, i);
    const b = cross(course, i + 1);
    const w = course.halfWidth;
    const strip = (from: number, to: number) => [...a(from), ...b(from), ...b(to), ...a(to)];
    const isDash = Math.floor(run / 4) % 2 === 0;
    const isTick = run >= nextTick;
    if (isTick) nextTick += 10;
    const [ax, ay] = a(0);
    const [bx, by] = b(0);
    run += Math.hypot(bx - ax, by - ay);
    stretches.push({
      middle: { x: (ax + bx) / 2, y: (ay + by) / 2 },
      surface: strip(-w, w),
      leftLine: strip(w - 0.3, w - 0.3 - lineWidthM),
      rightLine: strip(-w + 0.3, -w + 0.3 + lineWidthM),
      dash: isDash ? strip(-0.08, 0.08) : undefined,
      tick: isTick ? acrossBar(a, b, w) : undefined,
      color: i % 4 < 2 ? palette.asphalt : palette.asphaltJoint,
    });
  }
  return stretches;
}

type Across = (offset: number) => [number, number];

/** Points beside the middle line at sample `i`, by their distance to the left. */
function cross(course: Course, i: number): Across {
  const n = course.centre.length;
  const at = course.centre[i % n] as Point;
  const before = course.centre[(i - 1 + n) % n] as Point;
  const after = course.centre[(i + 1) % n] as Point;
  const turn = Math.atan2(after.y - before.y, after.x - before.x);
  return (offset) => [at.x - Math.sin(turn) * offset, at.y + Math.cos(turn) * offset];
}

function acrossBar(a: Across, b: Across, halfWidth: number): number[] {
  const [lx, ly] = a(halfWidth - 0.3);
  const [rx, ry] = a(-halfWidth + 0.3);
  const [bx, by] = b(0);
  const [ax, ay] = a(0);
  const length = Math.hypot(bx - ax, by - ay);
  const dx = ((bx - ax) / length) * 0.2;
  const dy = ((by - ay) / length) * 0.2;
  return [lx, ly, lx + dx, ly + dy, rx + dx, ry + dy, rx, ry];
}

/** Draws tiles, track and shadows as `view` sees them. */
export function drawGround(
  view: View,
  track: readonly TrackStretch[],
  objects: readonly CourseObject[],
): void {
  drawTiles(view);
  for (const stretch of track) {
    if (view.sees(stretch.middle.x, stretch.middle.y, 5, trackSeenM)) drawStretch(view, stretch);
  }
  for (const object of objects) drawShadow(view, object);
}

function drawTiles(view: View): void {
  const firstX = Math.floor((view.x - tilesSeenM) / tileM);
  const firstY = Math.floor((view.y - tilesSeenM) / tileM);
  const count = Math.ceil((2 * tilesSeenM) / tileM);
  for (let i = firstX; i < firstX + count; i++) {
    for (let j = firstY; j < firstY + count; j++) {
      if ((i + j) % 2 !== 0) continue;
      const x = i * tileM;
      const y = j * tileM;
      if (!view.sees(x + tileM / 2, y + tileM / 2, tileM * 0.71, tilesSeenM)) continue;
      const depth = Math.max(0, view.depthOf(x + tileM / 2, y + tileM / 2));
      view.begin();
      view.corner(x, y, 0);
      view.corner(x + tileM, y, 0);
      view.corner(x + tileM, y + tileM, 0);
      view.corner(x, y + tileM, 0);
      view.fill(hazed(palette.groundTile, depth));
    }
  }
}

function drawStretch(view: View, stretch: TrackStretch): void {
  const depth = Math.max(0, view.depthOf(stretch.middle.x, stretch.middle.y));
  view.fillGround(stretch.surface, hazed(stretch.color, depth));
  if (stretch.tick && depth < 45) view.fillGround(stretch.tick, hazed(palette.concrete, depth));
  view.fillGround(stretch.leftLine, hazed(palette.line, depth));
  view.fillGround(stretch.rightLine, hazed(palette.line, depth));
  if (stretch.dash) view.fillGround(stretch.dash, hazed(palette.dash, depth));
}

/** A dark patch that ties a thing to its place; the sun stands low in the east, shadows fall to the west. */
function drawShadow(view: View, object: CourseObject): void {
  const seenM = 'turn' in object ? 70 : 30;
  if (!view.sees(object.x, object.y, 4, seenM)) return;
  const depth = Math.max(0, view.depthOf(object.x, object.y));
  const color = hazed(palette.shadow, depth);
  if (!('turn' in object)) {
    const r = object.kind === 'cone' ? 0.34 : 0.42;
    const tail = object.kind === 'cone' ? 0.9 : 1.9;
    const { x, y } = object;
    view.fillGround([x + r, y, x, y + r, x - tail, y + 0.15, x - tail, y - 0.15, x, y - r], color);
    return;
  }
  const c = Math.cos(object.turn);
  const s = Math.sin(object.turn);
  const l = object.length / 2 + 0.15;
  const w = object.width / 2 + 0.15;
  const fall = Math.min(2.5, object.height * 0.5);
  for (const shift of [0, -fall]) {
    const x = object.x + shift;
    const y = object.y;
    view.fillGround(
      [
        [l, w],
        [-l, w],
        [-l, -w],
        [l, -w],
      ].flatMap(([a, b]) => [
        x + (a as number) * c - (b as number) * s,
        y + (a as number) * s + (b as number) * c,
      ]),
      color,
    );
  }
}
