/** Colours of the simulated world at dusk. */
import type { Yuv } from './raster.ts';

/** Limited-range BT.709 of an sRGB colour written as 0xRRGGBB. */
export function yuvOf(rgb: number): Yuv {
  const r = ((rgb >> 16) & 255) / 255;
  const g = ((rgb >> 8) & 255) / 255;
  const b = (rgb & 255) / 255;
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [
    Math.round(16 + 219 * luma),
    Math.round(128 + (224 * (b - luma)) / 1.8556),
    Math.round(128 + (224 * (r - luma)) / 1.5748),
  ];
}

/** `share` (0 to 1) of `b`, the rest of `a`. */
export function mix(a: Yuv, b: Yuv, share: number): Yuv {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** The same hue, lighter (factor above 1) or darker. */
export function shade(color: Yuv, factor: number): Yuv {
  return [
    Math.max(16, Math.min(235, 16 + (color[0] - 16) * factor)),
    128 + (color[1] - 128) * Math.min(1.2, factor),
    128 + (color[2] - 128) * Math.min(1.2, factor),
  ];
}

/** Named colours. */
export const palette = {
  zenith: yuvOf(0x16213f),
  midSky: yuvOf(0x5a4a78),
  horizon: yuvOf(0xf0a070),
  haze: yuvOf(0xb08078),
  sun: yuvOf(0xffe2b0),
  farRidge: yuvOf(0x7d5f72),
  nearRidge: yuvOf(0x4b4358),
  ground: yuvOf(0x4d5140),
  groundTile: yuvOf(0x595c48),
  asphalt: yuvOf(0x34373d),
  asphaltJoint: yuvOf(0x3d4047),
  line: yuvOf(0xf2efe4),
  dash: yuvOf(0xf2cf4a),
  shadow: yuvOf(0x22242a),
  coneOrange: yuvOf(0xff6a1a),
  coneWhite: yuvOf(0xfff4e6),
  coneFoot: yuvOf(0x2a2320),
  barrierWhite: yuvOf(0xe8e2d8),
  barrierRed: yuvOf(0xd8362a),
  concrete: yuvOf(0x8d8a88),
  trousers: yuvOf(0x27324a),
  vest: yuvOf(0xd8f53a),
  vestStripe: yuvOf(0xf6f6f6),
  skin: yuvOf(0xd9a27c),
  helmet: yuvOf(0xfff2d0),
  pole: yuvOf(0x4a4c52),
  lampGlow: yuvOf(0xffe9b0),
  window: yuvOf(0xffd27a),
  windowDark: yuvOf(0x39404f),
  bonnet: yuvOf(0xf2b01e),
  bonnetDark: yuvOf(0xb87f10),
  trim: yuvOf(0x1c1d20),
  guideNear: yuvOf(0xff4a3a),
  guideMiddle: yuvOf(0xffc23a),
  guideFar: yuvOf(0x58e08a),
  textBack: yuvOf(0x0c0e12),
  text: yuvOf(0xf4f6f8),
  containers: [yuvOf(0x1f8a8c), yuvOf(0xd85f2a), yuvOf(0x2f5fa8), yuvOf(0xa8343c)],
  buildings: [yuvOf(0x6f6570), yuvOf(0x80665c), yuvOf(0x5a6675)],
} as const;
