/** What stands on the ground, drawn from far to near. */
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

/** Light from the east: a face looking that way is lit, the others lie in shade. */
const faceLight = [1.15, 0.82, 0.62, 0.74] as const;
const tones = new Map<Yuv, Yuv[]>();

/** Draws everything that `view` sees, the farthest first. `order` is scratch space of the caller. */
export function drawObjects(
  view: View,
  objects: readonly CourseObject[],
  order: { object: CourseObject; depth: number }[],
): void {
  order.length = 0;
  for (const object of objects) {
    const radius = 'turn' in object ? object.length / 2 + object.width / 2 : 1;
    if (!view.sees(object.x, object.y, radius, farM[object.kind])) continue;
    order.push({ object, depth: nearestDepth(view, object) });
  }
  order.sort((a, b) => b.depth - a.depth);
  for (const { object, depth } of order) drawObject(view, object, depth);
}

/** Distance to the point of an object that is nearest to the camera: sorts long boxes rightly. */
function nearestDepth(view: View, object: CourseObject): number {
  const dx = view.x - object.x;
  const dy = view.y - object.y;
  if (!('turn' in object)) return Math.hypot(dx, dy);
  const c = Math.cos(object.turn);
  const s = Math.sin(object.turn);
  const along = Math.max(0, Math.abs(dx * c + dy * s) - object.length / 2);
  const across = Math.max(0, Math.abs(-dx * s + dy * c) - object.width / 2);
  return Math.hypot(along, across);
}

function drawObject(view: View, object: CourseObject, depth: number): void {
  switch (object.kind) {
    case 'cone':
      drawCone(view, object, depth);
      return;
    case 'person':
      drawPerson(view, object, depth);
      return;
    case 'lamp':
      drawLamp(view, object, depth);
      return;
    case 'barrier':
      drawBarrier(view, object, depth);
      return;
    case 'container':
      drawContainer(view, object, depth);
      return;
    case 'building':
      drawBuilding(view, object, depth);
      return;
  }
}

/** An upright trapezoid that faces the camera. */
function drawUpright(
  view: View,
  at: { x: number; y: number },
  [bottomM, topM, bottomHalfM, topHalfM]: readonly [number, number, number, number],
  color: Yuv,
): void {
  const rx = view.sin;
  const ry = -view.cos;
  view.begin();
  view.corner(at.x - rx * bottomHalfM, at.y - ry * bottomHalfM, bottomM);
  view.corner(at.x + rx * bottomHalfM, at.y + ry * bottomHalfM, bottomM);
  view.corner(at.x + rx * topHalfM, at.y + ry * topHalfM, topM);
  view.corner(at.x - rx * topHalfM, at.y - ry * topHalfM, topM);
  view.fill(color);
}

function drawCone(view: View, at: { x: number; y: number }, depth: number): void {
  drawUpright(view, at, [0, 0.05, 0.27, 0.27], hazed(palette.coneFoot, depth));
  drawUpright(view, at, [0.05, 0.75, 0.2, 0.045], hazed(palette.coneOrange, depth));
  if (depth > 40) return;
  drawUpright(view, at, [0.28, 0.42, 0.147, 0.113], hazed(palette.coneWhite, depth));
  drawUpright(view, at, [0.53, 0.62, 0.087, 0.068], hazed(palette.coneWhite, depth));
}

function drawPerson(view: View, at: { x: number; y: number }, depth: number): void {
  drawUpright(view, at, [0, 0.85, 0.13, 0.19], hazed(palette.trousers, depth));
  drawUpright(view, at, [0.82, 1.42, 0.22, 0.28], hazed(palette.vest, depth));
  drawUpright(view, at, [1.04, 1.12, 0.242, 0.25], hazed(palette.vestStripe, depth));
  drawUpright(view, at, [1.42, 1.66, 0.1, 0.11], hazed(palette.skin, depth));
  drawUpright(view, at, [1.62, 1.78, 0.15, 0.08], hazed(palette.helmet, depth));
}

function drawLamp(view: View, at: { x: number; y: number }, depth: number): void {
  drawUpright(view, at, [0, 5, 0.07, 0.05], hazed(palette.pole, depth));
  drawUpright(view, at, [4.85, 5.15, 0.3, 0.5], palette.lampGlow);
}

/** Faces of a box that look at the camera; `detail` may draw on each one. */
function drawBox(
  view: View,
  box: Box,
  depth: number,
  color: Yuv,
  detail?: (face: Face) => void,
): void {
  const c = Math.cos(box.turn);
  const s = Math.sin(box.turn);
  const dx = view.x - box.x;
  const dy = view.y - box.y;
  const along = dx * c + dy * s;
  const across = -dx * s + dy * c;
  const l = box.length / 2;
  const w = box.width / 2;
  const faces: [visible: boolean, ax: number, ay: number, bx: number, by: number][] = [
    [along > l, l, -w, l, w],
    [across > w, l, w, -l, w],
    [along < -l, -l, w, -l, -w],
    [across < -w, -l, -w, l, -w],
  ];
  faces.forEach(([visible, ax, ay, bx, by], i) => {
    if (!visible) return;
    const face: Face = {
      ax: box.x + ax * c - ay * s,
      ay: box.y + ax * s + ay * c,
      bx: box.x + bx * c - by * s,
      by: box.y + bx * s + by * c,
      light: i,
      lengthM: i % 2 === 0 ? box.width : box.length,
    };
    fillFace(view, face, [0, 1, 0, box.height], hazed(toned(color, i), depth));
    detail?.(face);
  });
  if (view.z > box.height) fillTop(view, box, hazed(toned(color, 0), depth));
}

type Face = {
  ax: number;
  ay: number;
  bx: number;
  by: number;
  light: number;
  lengthM: number;
};

/** A rectangle on a face: from and to as shares of its length, bottom and top in m. */
function fillFace(
  view: View,
  face: Face,
  [from, to, bottom, top]: readonly [number, number, number, number],
  color: Yuv,
): void {
  const dx = face.bx - face.ax;
  const dy = face.by - face.ay;
  view.begin();
  view.corner(face.ax + dx * from, face.ay + dy * from, bottom);
  view.corner(face.ax + dx * to, face.ay + dy * to, bottom);
  view.corner(face.ax + dx * to, face.ay + dy * to, top);
  view.corner(face.ax + dx * from, face.ay + dy * from, top);
  view.fill(color);
}

function fillTop(view: View, box: Box, color: Yuv): void {
  const c = Math.cos(box.turn);
  const s = Math.sin(box.turn);
  const l = box.length / 2;
  const w = box.width / 2;
  view.begin();
  view.corner(box.x + l * c - w * s, box.y + l * s + w * c, box.height);
  view.corner(box.x - l * c - w * s, box.y - l * s + w * c, box.height);
  view.corner(box.x - l * c + w * s, box.y - l * s - w * c, box.height);
  view.corner(box.x + l * c + w * s, box.y + l * s - w * c, box.height);
  view.fill(color);
}

function drawBarrier(view: View, box: Box, depth: number): void {
  if (box.shade === 2) {
    drawBox(view, box, depth, palette.concrete);
    return;
  }
  drawBox(view, box, depth, palette.barrierWhite, (face) => {
    if (depth > 50 || face.lengthM < 1) return;
    for (let i = 0; i < 3; i++) {
      const from = i / 3;
      const red = hazed(toned(palette.barrierRed, face.light), depth);
      fillFace(view, face, [from, from + 1 / 6, 0.15, box.height], red);
    }
  });
}

function drawContainer(view: View, box: Box, depth: number): void {
  const color = palette.containers[box.shade % palette.containers.length] as Yuv;
  drawBox(view, box, depth, color, (face) => {
    if (depth > 30) return;
    const ribs = Math.round(face.lengthM / 0.8);
    const dark = hazed(toned(color, 2), depth + 6);
    for (let i = 0; i < ribs; i++) {
      fillFace(view, face, [(i + 0.3) / ribs, (i + 0.55) / ribs, 0.15, box.height - 0.15], dark);
    }
  });
}

function drawBuilding(view: View, box: Box, depth: number): void {
  const color = palette.buildings[box.shade % palette.buildings.length] as Yuv;
  drawBox(view, box, depth, color, (face) => {
    const columns = Math.floor(face.lengthM / 3);
    const floors = Math.floor(box.height / 3);
    for (let i = 0; i < columns; i++) {
      for (let floor = 0; floor < floors; floor++) {
        const isLit = ((i * 7 + floor * 5 + box.shade * 3 + face.light) * 2654435761) % 7 < 3;
        const glass = hazed(isLit ? palette.window : palette.windowDark, depth * 0.7);
        const bottom = floor * 3 + 1;
        fillFace(
          view,
          face,
          [(i + 0.25) / columns, (i + 0.75) / columns, bottom, bottom + 1.4],
          glass,
        );
      }
    }
  });
}

function toned(color: Yuv, face: number): Yuv {
  let set = tones.get(color);
  if (!set) {
    set = faceLight.map((factor) => shade(color, factor));
    tones.set(color, set);
  }
  return set[face] as Yuv;
}
