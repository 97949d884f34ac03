/** The vehicle's own body at the picture's edge, and guide lines on the ground by which distances are judged. */
import { palette } from './palette.ts';
import type { Yuv } from './raster.ts';
import { curvatureOf, vehicleLimits, wheelAngleOf } from './vehicle.ts';
import type { CameraMount, View } from './view.ts';

type EgoPose = { xM: number; yM: number; headingRad: number; steering: number };

const guides: readonly { atM: number; color: Yuv }[] = [
  { atM: 2, color: palette.guideNear },
  { atM: 5, color: palette.guideMiddle },
  { atM: 10, color: palette.guideFar },
];

/** Draws guide lines (front and rear camera) and the body. */
export function drawEgo(view: View, mount: CameraMount, pose: EgoPose): void {
  const isFront = Math.abs(mount.yawRad) < 0.1;
  const isRear = Math.abs(Math.abs(mount.yawRad) - Math.PI) < 0.1;
  if (isFront || isRear) for (const guide of guides) drawGuide(view, pose, isFront ? 1 : -1, guide);
  if (isFront) drawBonnet(view, pose);
  else drawSide(view, pose);
}

/** A bar across the path, and short marks along it, `atM` before the bumper; −1 looks backwards. */
function drawGuide(
  view: View,
  pose: EgoPose,
  direction: 1 | -1,
  guide: { atM: number; color: Yuv },
): void {
  const curvature = curvatureOf(wheelAngleOf(pose.steering), 1);
  const half = vehicleLimits.widthM / 2 + 0.1;
  const bumper = vehicleLimits.lengthM / 2;
  const at = (distance: number, side: number): [number, number] => {
    const run = (bumper + distance) * direction;
    const turn = curvature * run;
    const middle = pose.headingRad + turn / 2;
    return [
      pose.xM + Math.cos(middle) * run - Math.sin(pose.headingRad + turn) * side,
      pose.yM + Math.sin(middle) * run + Math.cos(pose.headingRad + turn) * side,
    ];
  };
  const strip = (from: number, to: number, left: number, right: number) =>
    view.fillGround(
      [...at(from, left), ...at(to, left), ...at(to, right), ...at(from, right)],
      guide.color,
    );
  const thick = 0.04 + guide.atM * 0.012;
  strip(guide.atM, guide.atM + thick * 2, half, half - 0.55);
  strip(guide.atM, guide.atM + thick * 2, -half, -half + 0.55);
  strip(guide.atM * 0.72, guide.atM, half, half - thick);
  strip(guide.atM * 0.72, guide.atM, -half, -half + thick);
}

type Corner = readonly [forward: number, left: number, up: number];

function fillBody(view: View, pose: EgoPose, corners: readonly Corner[], color: Yuv): void {
  const c = Math.cos(pose.headingRad);
  const s = Math.sin(pose.headingRad);
  view.begin();
  for (const [f, l, up] of corners) {
    view.corner(pose.xM + f * c - l * s, pose.yM + f * s + l * c, up);
  }
  view.fill(color);
}

function drawBonnet(view: View, pose: EgoPose): void {
  fillBody(view, pose, mirrored(0.75, 0.86, 1.8, 0.76, 1.14, 1.03), palette.bonnet);
  fillBody(view, pose, mirrored(0.75, 0.22, 1.78, 0.17, 1.15, 1.04), palette.bonnetDark);
  fillBody(view, pose, mirrored(1.76, 0.78, 1.84, 0.78, 1.04, 1.01), palette.trim);
}

/** A symmetric area from `fromM` to `toM` ahead, with half widths and heights at both ends. */
function mirrored(
  fromM: number,
  fromHalfM: number,
  toM: number,
  toHalfM: number,
  fromUpM: number,
  toUpM: number,
): Corner[] {
  return [
    [fromM, fromHalfM, fromUpM],
    [toM, toHalfM, toUpM],
    [toM, -toHalfM, toUpM],
    [fromM, -fromHalfM, fromUpM],
  ];
}

/** The flank or the tail, seen from above at the lower edge of a side or rear picture. */
function drawSide(view: View, pose: EgoPose): void {
  const l = vehicleLimits.lengthM / 2;
  const w = vehicleLimits.widthM / 2;
  fillBody(
    view,
    pose,
    [
      [l, w, 0.6],
      [l, -w, 0.6],
      [-l, -w, 0.6],
      [-l, w, 0.6],
    ],
    palette.bonnetDark,
  );
}
