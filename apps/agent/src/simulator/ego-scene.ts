/** The vehicle's own body at the picture's edge, and guide lines on the ground by which distances are judged. */
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import { curvatureOf, vehicleLimits, wheelAngleOf } from './vehicle.ts';
import type { CameraMount, View } from './view.ts';

type EgoPose = { xM: number; yM: number; headingRad: number; steering: number };

/** Corners on the body, three numbers each: forward, left, up; m. */
type BodyArea = readonly number[];

const guides: readonly { atM: number; color: Yuv }[] = [
  { atM: 2, color: palette.guideNear },
  { atM: 5, color: palette.guideMiddle },
  { atM: 10, color: palette.guideFar },
];

const bonnet = mirrored(0.75, 0.86, 1.8, 0.76, 1.14, 1.03);
const bonnetStripe = mirrored(0.75, 0.22, 1.78, 0.17, 1.15, 1.04);
const bonnetTrim = mirrored(1.76, 0.78, 1.84, 0.78, 1.04, 1.01);
/** The flank or the tail, seen from above at the lower edge of a side or rear picture. */
const roof = mirrored(
  vehicleLimits.lengthM / 2,
  vehicleLimits.widthM / 2,
  -vehicleLimits.lengthM / 2,
  vehicleLimits.widthM / 2,
  0.6,
  0.6,
);

/** Places on the path that a guide is made of: a point and the vector one metre to the left, four numbers each. */
const stations = new Float64Array(12);
const start = 0;
const bar = 4;
const barEnd = 8;

/** Draws guide lines (front and rear camera) and the body. */
export function drawEgo(view: View, mount: CameraMount, pose: EgoPose): void {
  const isFront = Math.abs(mount.yawRad) < 0.1;
  const isRear = Math.abs(Math.abs(mount.yawRad) - Math.PI) < 0.1;
  if (isFront || isRear) {
    const direction = isFront ? 1 : -1;
    for (const { atM, color } of guides) drawGuide(view, pose, direction, atM, color);
  }
  if (isFront) {
    fillBody(view, pose, bonnet, palette.bonnet);
    fillBody(view, pose, bonnetStripe, palette.bonnetDark);
    fillBody(view, pose, bonnetTrim, palette.trim);
  } else {
    fillBody(view, pose, roof, palette.bonnetDark);
  }
}

/** A bar across the path, and short marks along it, `atM` before the bumper; −1 looks backwards. */
function drawGuide(view: View, pose: EgoPose, direction: 1 | -1, atM: number, color: Yuv): void {
  const half = vehicleLimits.widthM / 2 + 0.1;
  const thick = 0.04 + atM * 0.012;
  placeStation(start, pose, direction, atM * 0.72);
  placeStation(bar, pose, direction, atM);
  placeStation(barEnd, pose, direction, atM + thick * 2);
  fillStrip(view, bar, barEnd, half, half - 0.55, color);
  fillStrip(view, bar, barEnd, -half, 0.55 - half, color);
  fillStrip(view, start, bar, half, half - thick, color);
  fillStrip(view, start, bar, -half, thick - half, color);
}

function placeStation(at: number, pose: EgoPose, direction: 1 | -1, distanceM: number): void {
  const run = (vehicleLimits.lengthM / 2 + distanceM) * direction;
  const turn = curvatureOf(wheelAngleOf(pose.steering), 1) * run;
  stations[at] = pose.xM + Math.cos(pose.headingRad + turn / 2) * run;
  stations[at + 1] = pose.yM + Math.sin(pose.headingRad + turn / 2) * run;
  stations[at + 2] = -Math.sin(pose.headingRad + turn);
  stations[at + 3] = Math.cos(pose.headingRad + turn);
}

function fillStrip(
  view: View,
  from: number,
  to: number,
  leftM: number,
  rightM: number,
  color: Yuv,
): void {
  view.begin();
  addStation(view, from, leftM);
  addStation(view, to, leftM);
  addStation(view, to, rightM);
  addStation(view, from, rightM);
  view.fill(color);
}

function addStation(view: View, at: number, leftM: number): void {
  view.corner(
    (stations[at] as number) + (stations[at + 2] as number) * leftM,
    (stations[at + 1] as number) + (stations[at + 3] as number) * leftM,
    0,
  );
}

function fillBody(view: View, pose: EgoPose, area: BodyArea, color: Yuv): void {
  const c = Math.cos(pose.headingRad);
  const s = Math.sin(pose.headingRad);
  view.begin();
  for (let i = 0; i < area.length; i += 3) {
    const forward = area[i] as number;
    const left = area[i + 1] as number;
    view.corner(
      pose.xM + forward * c - left * s,
      pose.yM + forward * s + left * c,
      area[i + 2] as number,
    );
  }
  view.fill(color);
}

/** A symmetric area from `fromM` to `toM` ahead, with half widths and heights at both ends. */
function mirrored(
  fromM: number,
  fromHalfM: number,
  toM: number,
  toHalfM: number,
  fromUpM: number,
  toUpM: number,
): BodyArea {
  return [
    ...[fromM, fromHalfM, fromUpM],
    ...[toM, toHalfM, toUpM],
    ...[toM, -toHalfM, toUpM],
    ...[fromM, -fromHalfM, fromUpM],
  ];
}
