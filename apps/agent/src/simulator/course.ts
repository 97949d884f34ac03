/** The course: a closed track and what stands beside and on it. Pure data and geometry; metres, radians. */
import { vehicleLimits } from './vehicle.ts';

/** A point on the ground. */
export type Point = { x: number; y: number };

/** One thing on the course. `turn` is the direction of its length. */
export type CourseObject =
  | { kind: 'cone'; x: number; y: number }
  | { kind: 'person'; x: number; y: number }
  | { kind: 'lamp'; x: number; y: number }
  | {
      kind: 'barrier' | 'container' | 'building';
      x: number;
      y: number;
      turn: number;
      length: number;
      width: number;
      height: number;
      /** Picks one colour of the kind. */
      shade: number;
    };

/** Everything a renderer and a collision test need. */
export type Course = {
  /** Middle line of the track, closed, one point every two metres or so. */
  centre: readonly Point[];
  halfWidth: number;
  objects: readonly CourseObject[];
  start: { x: number; y: number; turn: number };
};

const bends: readonly Point[] = [
  { x: 0, y: 0 },
  { x: 38, y: 0 },
  { x: 62, y: 8 },
  { x: 67, y: 30 },
  { x: 50, y: 44 },
  { x: 28, y: 36 },
  { x: 8, y: 48 },
  { x: -20, y: 46 },
  { x: -38, y: 28 },
  { x: -30, y: 6 },
];
const samplesPerBend = 14;
const halfWidth = 4;

/** The course that the demo drives on. */
export function createCourse(): Course {
  const centre = sampleLoop();
  const first = centre[0] as Point;
  const second = centre[1] as Point;
  return {
    centre,
    halfWidth,
    objects: [...edgeCones(centre), ...placedObjects(), ...fence()],
    start: { x: first.x, y: first.y, turn: Math.atan2(second.y - first.y, second.x - first.x) },
  };
}

/** Distance from the vehicle's outline to the next obstacle, m; negative when they overlap. */
export function createClearance(course: Course): (x: number, y: number, turn: number) => number {
  const radius = vehicleLimits.widthM / 2;
  const reach = vehicleLimits.lengthM / 2 - radius;
  return (x, y, turn) => {
    let least = Infinity;
    for (const object of course.objects) {
      if (Math.abs(object.x - x) + Math.abs(object.y - y) > 3 * largestHalf(object) + 8) continue;
      // Three discs along the vehicle's length are its outline.
      for (const along of [-reach, 0, reach]) {
        const px = x + Math.cos(turn) * along;
        const py = y + Math.sin(turn) * along;
        least = Math.min(least, distanceTo(object, px, py) - radius);
      }
    }
    return least;
  };
}

/** Distance from a point to an object's outline on the ground, m; negative inside. */
export function distanceTo(object: CourseObject, x: number, y: number): number {
  const dx = x - object.x;
  const dy = y - object.y;
  if (!('turn' in object)) return Math.hypot(dx, dy) - radiusOf(object.kind);
  const along = dx * Math.cos(object.turn) + dy * Math.sin(object.turn);
  const across = -dx * Math.sin(object.turn) + dy * Math.cos(object.turn);
  const outX = Math.abs(along) - object.length / 2;
  const outY = Math.abs(across) - object.width / 2;
  return Math.hypot(Math.max(outX, 0), Math.max(outY, 0)) + Math.min(0, Math.max(outX, outY));
}

function radiusOf(kind: 'cone' | 'person' | 'lamp'): number {
  return kind === 'cone' ? 0.22 : kind === 'person' ? 0.3 : 0.12;
}

function largestHalf(object: CourseObject): number {
  return 'turn' in object ? Math.max(object.length, object.width) / 2 : 1;
}

/** Closed Catmull-Rom curve through the bends. */
function sampleLoop(): Point[] {
  const points: Point[] = [];
  const n = bends.length;
  for (let i = 0; i < n; i++) {
    const [a, b, c, d] = [-1, 0, 1, 2].map((k) => bends[(i + k + n) % n] as Point) as [
      Point,
      Point,
      Point,
      Point,
    ];
    for (let s = 0; s < samplesPerBend; s++) {
      const t = s / samplesPerBend;
      points.push({ x: spline(a.x, b.x, c.x, d.x, t), y: spline(a.y, b.y, c.y, d.y, t) });
    }
  }
  return points;
}

function spline(a: number, b: number, c: number, d: number, t: number): number {
  const t2 = t * t;
  return (
    0.5 *
    (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t2 + (3 * b - a - 3 * c + d) * t2 * t)
  );
}

/** Cones outside of the edges, nearer together where the track bends. */
function edgeCones(centre: readonly Point[]): CourseObject[] {
  const cones: CourseObject[] = [];
  for (let i = 0; i < centre.length; i += 3) {
    const p = centre[i] as Point;
    const q = centre[(i + 1) % centre.length] as Point;
    const r = centre[(i + 4) % centre.length] as Point;
    const turn = Math.atan2(q.y - p.y, q.x - p.x);
    const bend = Math.sin(Math.atan2(r.y - q.y, r.x - q.x) - turn);
    if (Math.abs(bend) < 0.12 && i % 6 !== 0) continue;
    const side = bend > 0 ? -1 : 1;
    const away = side * (halfWidth + 0.7);
    cones.push({ kind: 'cone', x: p.x - Math.sin(turn) * away, y: p.y + Math.cos(turn) * away });
  }
  return cones;
}

function box(
  kind: 'barrier' | 'container' | 'building',
  [x, y, turn, length, width, height, shade]: readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ],
): CourseObject {
  return { kind, x, y, turn, length, width, height, shade };
}

function placedObjects(): CourseObject[] {
  const containers = (
    [
      [18, 9.5, 0, 6.1, 2.44, 2.6, 0],
      [25, 9.8, 0.05, 6.1, 2.44, 2.6, 1],
      [34, 11, 1.2, 6.1, 2.44, 2.6, 2],
      [50, 22, 0.7, 12.2, 2.44, 2.6, 1],
      [38, 25, 2.2, 6.1, 2.44, 2.6, 0],
      [-10, 32, 0.3, 12.2, 2.44, 2.6, 2],
      [-22, 24, 1.4, 6.1, 2.44, 2.6, 3],
      [-4, -9, 0, 12.2, 2.44, 2.6, 3],
      [10, -9.2, 0, 6.1, 2.44, 2.6, 2],
    ] as const
  ).map((row) => box('container', row));
  const buildings = (
    [
      [30, -20, 0, 26, 12, 9, 0],
      [82, 22, 1.5, 24, 12, 12, 1],
      [20, 68, 0.1, 30, 12, 8, 2],
      [-58, 30, 1.4, 22, 12, 11, 1],
      [4, 22, 0.4, 12, 9, 6, 0],
      [-20, -18, -0.2, 18, 10, 7, 2],
    ] as const
  ).map((row) => box('building', row));
  const barriers = (
    [
      [46, -4.8, 0.1, 3, 0.6, 0.9, 0],
      [49.4, -4.2, 0.2, 3, 0.6, 0.9, 1],
      [72.5, 26, 1.5, 3, 0.6, 0.9, 0],
      [72.6, 29.4, 1.55, 3, 0.6, 0.9, 1],
      [-43.5, 26, 1.7, 3, 0.6, 0.9, 0],
      [-43.4, 29.4, 1.5, 3, 0.6, 0.9, 1],
      [26, 30.6, 0.1, 3, 0.6, 0.9, 1],
    ] as const
  ).map((row) => box('barrier', row));
  const people: CourseObject[] = (
    [
      [12, 5.6],
      [29, -5.8],
      [60, 22],
      [-27, 12],
      [16, 38],
    ] as const
  ).map(([x, y]) => ({ kind: 'person', x, y }));
  const chicane: CourseObject[] = (
    [
      [22, 1.6],
      [23.5, 1.2],
      [34, -1.8],
      [35.5, -1.4],
      [-8, 46.5],
      [-10, 46.2],
    ] as const
  ).map(([x, y]) => ({ kind: 'cone', x, y }));
  return [...containers, ...buildings, ...barriers, ...people, ...chicane, ...lamps()];
}

function lamps(): CourseObject[] {
  return (
    [
      [8, 6.5],
      [40, 6.4],
      [57, -1.5],
      [73, 20],
      [60, 46],
      [36, 46],
      [4, 42],
      [-14, 53],
      [-40, 40],
      [-38, 10],
      [-16, -5],
    ] as const
  ).map(([x, y]) => ({ kind: 'lamp', x, y }));
}

/** Concrete walls round the site, so that nobody leaves it. */
function fence(): CourseObject[] {
  const walls: CourseObject[] = [];
  for (let x = -65; x < 100; x += 15) {
    walls.push(box('barrier', [x + 7.5, -34, 0, 14.6, 0.5, 1.4, 2]));
    walls.push(box('barrier', [x + 7.5, 82, 0, 14.6, 0.5, 1.4, 2]));
  }
  for (let y = -34; y < 82; y += 14.5) {
    walls.push(box('barrier', [-72, y + 7, Math.PI / 2, 14.2, 0.5, 1.4, 2]));
    walls.push(box('barrier', [98, y + 7, Math.PI / 2, 14.2, 0.5, 1.4, 2]));
  }
  return walls;
}
