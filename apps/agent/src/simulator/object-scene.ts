/** What stands on the ground, drawn from far to near. */
import { BoxFace } from './box-face.ts';
import type { CourseObject } from './course.ts';
import { hazed } from './haze.ts';
import { palette, shade } from './palette.ts';
import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

type Box = Extract<CourseObject, { turn: number }>;

const farM: Record<CourseObject['kind'], number> = {
  cone: 60,
  person: 70,
  lamp: 90,
  barrier: 80,
  container: 130,
  building: 160,
};
const coneStripesSeenM = 40;
const barrierStripesSeenM = 50;
const ribsSeenM = 30;

/** Light from the east: a face looking that way is lit, the others lie in shade. */
const faceLight = [1.15, 0.82, 0.62, 0.74] as const;
const tones = new Map<Yuv, Yuv[]>();

/** Numbers of one object: place, radius, how far it is seen, half length and width, direction of its length. */
const rowSize = 8;

/** The things of one course. Whether one is seen is decided on a flat table: most of them are not. */
export class ObjectScene {
  readonly #objects: readonly CourseObject[];
  readonly #table: Float64Array;
  /** What is seen, the farthest first, and how far that is. */
  readonly #order: Int32Array;
  readonly #depths: Float64Array;
  readonly #face = new BoxFace();

  constructor(objects: readonly CourseObject[]) {
    this.#objects = objects;
    this.#table = Float64Array.from(objects.flatMap(rowOf));
    this.#order = new Int32Array(objects.length);
    this.#depths = new Float64Array(objects.length);
  }

  /** Draws everything that `view` sees. */
  draw(view: View): void {
    const count = this.#sort(view);
    for (let i = 0; i < count; i++) {
      const object = this.#objects[this.#order[i] as number] as CourseObject;
      this.#drawObject(view, object, this.#depths[i] as number);
    }
  }

  #sort(view: View): number {
    const table = this.#table;
    let count = 0;
    for (let row = 0; row < table.length; row += rowSize) {
      const x = table[row] as number;
      const y = table[row + 1] as number;
      if (!view.sees(x, y, table[row + 2] as number, table[row + 3] as number)) continue;
      const depth = nearestDepth(view, table, row);
      let at = count++;
      for (; at > 0 && (this.#depths[at - 1] as number) < depth; at--) {
        this.#depths[at] = this.#depths[at - 1] as number;
        this.#order[at] = this.#order[at - 1] as number;
      }
      this.#depths[at] = depth;
      this.#order[at] = row / rowSize;
    }
    return count;
  }

  #drawObject(view: View, object: CourseObject, depth: number): void {
    switch (object.kind) {
      case 'cone':
        drawCone(view, object.x, object.y, depth);
        return;
      case 'person':
        drawPerson(view, object.x, object.y, depth);
        return;
      case 'lamp':
        drawLamp(view, object.x, object.y, depth);
        return;
      default:
        drawBox(view, this.#face, object, depth);
    }
  }
}

function rowOf(object: CourseObject): number[] {
  const { x, y, kind } = object;
  if (!('turn' in object)) return [x, y, 1, farM[kind], 0, 0, 1, 0];
  const l = object.length / 2;
  const w = object.width / 2;
  return [x, y, l + w, farM[kind], l, w, Math.cos(object.turn), Math.sin(object.turn)];
}

/** Distance to the point of an object that is nearest to the camera: sorts long boxes rightly. */
function nearestDepth(view: View, table: Float64Array, row: number): number {
  const dx = view.x - (table[row] as number);
  const dy = view.y - (table[row + 1] as number);
  const c = table[row + 6] as number;
  const s = table[row + 7] as number;
  const along = Math.max(0, Math.abs(dx * c + dy * s) - (table[row + 4] as number));
  const across = Math.max(0, Math.abs(dy * c - dx * s) - (table[row + 5] as number));
  return Math.sqrt(along * along + across * across);
}

/** An upright trapezoid that faces the camera: heights and half widths of its lower and its upper edge, m. */
function drawUpright(
  view: View,
  x: number,
  y: number,
  bottomM: number,
  topM: number,
  bottomHalfM: number,
  topHalfM: number,
  color: Yuv,
): void {
  const rx = view.sin;
  const ry = -view.cos;
  view.begin();
  view.corner(x - rx * bottomHalfM, y - ry * bottomHalfM, bottomM);
  view.corner(x + rx * bottomHalfM, y + ry * bottomHalfM, bottomM);
  view.corner(x + rx * topHalfM, y + ry * topHalfM, topM);
  view.corner(x - rx * topHalfM, y - ry * topHalfM, topM);
  view.fill(color);
}

function drawCone(view: View, x: number, y: number, depth: number): void {
  drawUpright(view, x, y, 0, 0.05, 0.27, 0.27, hazed(palette.coneFoot, depth));
  drawUpright(view, x, y, 0.05, 0.75, 0.2, 0.045, hazed(palette.coneOrange, depth));
  if (depth > coneStripesSeenM) return;
  const white = hazed(palette.coneWhite, depth);
  drawUpright(view, x, y, 0.28, 0.42, 0.147, 0.113, white);
  drawUpright(view, x, y, 0.53, 0.62, 0.087, 0.068, white);
}

function drawPerson(view: View, x: number, y: number, depth: number): void {
  drawUpright(view, x, y, 0, 0.85, 0.13, 0.19, hazed(palette.trousers, depth));
  drawUpright(view, x, y, 0.82, 1.42, 0.22, 0.28, hazed(palette.vest, depth));
  drawUpright(view, x, y, 1.04, 1.12, 0.242, 0.25, hazed(palette.vestStripe, depth));
  drawUpright(view, x, y, 1.42, 1.66, 0.1, 0.11, hazed(palette.skin, depth));
  drawUpright(view, x, y, 1.62, 1.78, 0.15, 0.08, hazed(palette.helmet, depth));
}

function drawLamp(view: View, x: number, y: number, depth: number): void {
  drawUpright(view, x, y, 0, 5, 0.07, 0.05, hazed(palette.pole, depth));
  drawUpright(view, x, y, 4.85, 5.15, 0.3, 0.5, palette.lampGlow);
}

/** The sides that look at the camera with what is on them, and the top. */
function drawBox(view: View, face: BoxFace, box: Box, depth: number): void {
  const color = colorOf(box);
  face.begin(box, view.x, view.y);
  for (let side = 0; side < 4; side++) {
    if (!face.place(box, side)) continue;
    face.fill(view, 0, 1, 0, box.height, hazed(toned(color, side), depth));
    if (box.kind === 'building') drawWindows(view, face, box, depth);
    else if (box.kind === 'container') drawRibs(view, face, box, color, depth);
    else if (color === palette.barrierWhite) drawStripes(view, face, box, depth);
  }
  if (view.z > box.height) face.fillTop(view, box, hazed(toned(color, 0), depth));
}

function colorOf({ kind, shade: pick }: Box): Yuv {
  if (kind === 'barrier') return pick === 2 ? palette.concrete : palette.barrierWhite;
  const colors = kind === 'container' ? palette.containers : palette.buildings;
  return colors[pick % colors.length] as Yuv;
}

function drawStripes(view: View, face: BoxFace, box: Box, depth: number): void {
  if (depth > barrierStripesSeenM || face.lengthM < 1) return;
  const red = hazed(toned(palette.barrierRed, face.side), depth);
  for (let i = 0; i < 3; i++) face.fill(view, i / 3, i / 3 + 1 / 6, 0.15, box.height, red);
}

function drawRibs(view: View, face: BoxFace, box: Box, color: Yuv, depth: number): void {
  if (depth > ribsSeenM) return;
  const ribs = Math.round(face.lengthM / 0.8);
  const dark = hazed(toned(color, 2), depth + 6);
  for (let i = 0; i < ribs; i++) {
    face.fill(view, (i + 0.3) / ribs, (i + 0.55) / ribs, 0.15, box.height - 0.15, dark);
  }
}

function drawWindows(view: View, face: BoxFace, box: Box, depth: number): void {
  const columns = Math.floor(face.lengthM / 3);
  const floors = Math.floor(box.height / 3);
  const lit = hazed(palette.window, depth * 0.7);
  const dark = hazed(palette.windowDark, depth * 0.7);
  for (let i = 0; i < columns; i++) {
    for (let floor = 0; floor < floors; floor++) {
      // Looks random, and is the same in every picture.
      const isLit = ((i * 7 + floor * 5 + box.shade * 3 + face.side) * 5) % 7 < 3;
      const bottomM = floor * 3 + 1;
      const from = (i + 0.25) / columns;
      const to = (i + 0.75) / columns;
      face.fill(view, from, to, bottomM, bottomM + 1.4, isLit ? lit : dark);
    }
  }
}

function toned(color: Yuv, face: number): Yuv {
  let set = tones.get(color);
  if (!set) {
    set = faceLight.map((factor) => shade(color, factor));
    tones.set(color, set);
  }
  return set[face] as Yuv;
}
