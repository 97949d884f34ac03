/** What lies on the ground: tiles that show speed, the track with its lines, shadows. */
import type { Course, CourseObject, Point } from './course.ts';
import { hazed } from './haze.ts';
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

const tileM = 4;
const tilesSeenM = 34;
const trackSeenM = 110;
const ticksSeenM = 45;
const tickLengthM = 0.2;
const lineWidthM = 0.16;
/** From the track's edge to its line. */
const lineInsetM = 0.3;
const halfDashM = 0.08;

/** Numbers of one cross-section of the track: a point of the middle line, the unit vector to the left. */
const sectionSize = 4;
/** Numbers of one shadow: middle, how far it is seen, count of corners, up to five corners. */
const shadowSize = 14;

/** The ground of one course. What does not move lies in flat tables: few memory lines to walk through per picture. */
export class GroundScene {
  readonly #halfWidth: number;
  /** The first cross-section stands at the end once more. */
  readonly #sections: Float64Array;
  /** 1 where a stretch has a dash of the middle line. */
  readonly #dashes: Uint8Array;
  /** 1 where a stretch begins with a bar across, each ten metres, by which distances are judged. */
  readonly #ticks: Uint8Array;
  readonly #shadows: Float64Array;

  constructor(course: Course) {
    const n = course.centre.length;
    this.#halfWidth = course.halfWidth;
    this.#sections = sectionsOf(course.centre);
    this.#dashes = new Uint8Array(n);
    this.#ticks = new Uint8Array(n);
    this.#shadows = shadowsOf(course.objects);
    let run = 0;
    let nextTick = 0;
    for (let i = 0; i < n; i++) {
      this.#dashes[i] = Math.floor(run / 4) % 2 === 0 ? 1 : 0;
      this.#ticks[i] = run >= nextTick ? 1 : 0;
      if (run >= nextTick) nextTick += 10;
      const a = course.centre[i] as Point;
      const b = course.centre[(i + 1) % n] as Point;
      run += Math.hypot(b.x - a.x, b.y - a.y);
    }
  }

  /** Draws tiles, track and shadows as `view` sees them. */
  draw(view: View): void {
    drawTiles(view);
    const sections = this.#sections;
    const last = sections.length - sectionSize;
    for (let at = 0; at < last; at += sectionSize) {
      const x = ((sections[at] as number) + (sections[at + sectionSize] as number)) / 2;
      const y = ((sections[at + 1] as number) + (sections[at + sectionSize + 1] as number)) / 2;
      if (view.sees(x, y, 5, trackSeenM)) this.#drawStretch(view, at, view.depthOf(x, y));
    }
    drawShadows(view, this.#shadows);
  }

  #drawStretch(view: View, at: number, depth: number): void {
    const sections = this.#sections;
    const i = at / sectionSize;
    const edge = this.#halfWidth;
    const line = edge - lineInsetM;
    const surface = i % 4 < 2 ? palette.asphalt : palette.asphaltJoint;
    fillStrip(view, sections, at, -edge, edge, hazed(surface, depth));
    if (this.#ticks[i] === 1 && depth < ticksSeenM) {
      fillTick(view, sections, at, line, hazed(palette.concrete, depth));
    }
    const lineColor = hazed(palette.line, depth);
    fillStrip(view, sections, at, line, line - lineWidthM, lineColor);
    fillStrip(view, sections, at, -line, lineWidthM - line, lineColor);
    if (this.#dashes[i] === 1) {
      fillStrip(view, sections, at, -halfDashM, halfDashM, hazed(palette.dash, depth));
    }
  }
}

function sectionsOf(centre: readonly Point[]): Float64Array {
  const n = centre.length;
  const sections = new Float64Array((n + 1) * sectionSize);
  for (let i = 0; i <= n; i++) {
    const { x, y } = centre[i % n] as Point;
    const before = centre[(i - 1 + n) % n] as Point;
    const after = centre[(i + 1) % n] as Point;
    const turn = Math.atan2(after.y - before.y, after.x - before.x);
    sections.set([x, y, -Math.sin(turn), Math.cos(turn)], i * sectionSize);
  }
  return sections;
}

/** Two flat polygons for a box, the second one where the sun throws its height; one for everything else. */
function shadowsOf(objects: readonly CourseObject[]): Float64Array {
  const rows: number[] = [];
  for (const object of objects) {
    if ('turn' in object) {
      addBoxShadow(rows, object, 0);
      // The sun stands low in the east, shadows fall to the west.
      addBoxShadow(rows, object, -Math.min(2.5, object.height * 0.5));
      continue;
    }
    const r = object.kind === 'cone' ? 0.34 : 0.42;
    const tail = object.kind === 'cone' ? 0.9 : 1.9;
    const { x, y } = object;
    rows.push(x, y, 30, 5, x + r, y, x, y + r, x - tail, y + 0.15, x - tail, y - 0.15, x, y - r);
  }
  return Float64Array.from(rows);
}

function addBoxShadow(
  rows: number[],
  box: Extract<CourseObject, { turn: number }>,
  shiftM: number,
): void {
  const c = Math.cos(box.turn);
  const s = Math.sin(box.turn);
  const l = box.length / 2 + 0.15;
  const w = box.width / 2 + 0.15;
  const x = box.x + shiftM;
  const { y } = box;
  rows.push(box.x, y, 70, 4);
  rows.push(x + l * c - w * s, y + l * s + w * c, x - l * c - w * s, y - l * s + w * c);
  rows.push(x - l * c + w * s, y - l * s - w * c, x + l * c + w * s, y + l * s - w * c, 0, 0);
}

function drawTiles(view: View): void {
  const firstX = Math.floor((view.x - tilesSeenM) / tileM);
  const firstY = Math.floor((view.y - tilesSeenM) / tileM);
  const count = Math.ceil((2 * tilesSeenM) / tileM);
  for (let i = firstX; i < firstX + count; i++) {
    for (let j = firstY + ((i + firstY) & 1); j < firstY + count; j += 2) {
      const x = i * tileM;
      const y = j * tileM;
      if (!view.sees(x + tileM / 2, y + tileM / 2, tileM * 0.71, tilesSeenM)) continue;
      view.begin();
      view.corner(x, y, 0);
      view.corner(x + tileM, y, 0);
      view.corner(x + tileM, y + tileM, 0);
      view.corner(x, y + tileM, 0);
      view.fill(hazed(palette.groundTile, view.depthOf(x + tileM / 2, y + tileM / 2)));
    }
  }
}

/** Along one stretch, between two distances to the left of the middle line. */
function fillStrip(
  view: View,
  sections: Float64Array,
  at: number,
  fromM: number,
  toM: number,
  color: Yuv,
): void {
  view.begin();
  addPoint(view, sections, at, fromM);
  addPoint(view, sections, at + sectionSize, fromM);
  addPoint(view, sections, at + sectionSize, toM);
  addPoint(view, sections, at, toM);
  view.fill(color);
}

function addPoint(view: View, sections: Float64Array, at: number, leftM: number): void {
  view.corner(
    (sections[at] as number) + (sections[at + 2] as number) * leftM,
    (sections[at + 1] as number) + (sections[at + 3] as number) * leftM,
    0,
  );
}

function fillTick(view: View, sections: Float64Array, at: number, halfM: number, color: Yuv): void {
  const x = sections[at] as number;
  const y = sections[at + 1] as number;
  const alongX = (sections[at + sectionSize] as number) - x;
  const alongY = (sections[at + sectionSize + 1] as number) - y;
  const scale = tickLengthM / Math.sqrt(alongX * alongX + alongY * alongY);
  const acrossX = (sections[at + 2] as number) * halfM;
  const acrossY = (sections[at + 3] as number) * halfM;
  view.begin();
  view.corner(x + acrossX, y + acrossY, 0);
  view.corner(x + acrossX + alongX * scale, y + acrossY + alongY * scale, 0);
  view.corner(x - acrossX + alongX * scale, y - acrossY + alongY * scale, 0);
  view.corner(x - acrossX, y - acrossY, 0);
  view.fill(color);
}

/** Dark patches that tie things to their places. */
function drawShadows(view: View, shadows: Float64Array): void {
  for (let at = 0; at < shadows.length; at += shadowSize) {
    const x = shadows[at] as number;
    const y = shadows[at + 1] as number;
    if (!view.sees(x, y, 4, shadows[at + 2] as number)) continue;
    const end = at + 4 + 2 * (shadows[at + 3] as number);
    view.begin();
    for (let i = at + 4; i < end; i += 2) {
      view.corner(shadows[i] as number, shadows[i + 1] as number, 0);
    }
    view.fill(hazed(palette.shadow, view.depthOf(x, y)));
  }
}
