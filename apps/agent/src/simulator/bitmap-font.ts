/** A small fixed font, five by seven points, drawn as rectangles. */
import type { Raster, Yuv } from './raster.ts';

/** One row per number, five bits, the left point is the highest bit. */
const glyphs: Record<string, readonly number[]> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  V: [17, 17, 17, 17, 17, 10, 4],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  '.': [0, 0, 0, 0, 0, 12, 12],
  '-': [0, 0, 0, 31, 0, 0, 0],
  '/': [1, 1, 2, 4, 8, 16, 16],
  '#': [10, 10, 31, 10, 31, 10, 10],
};
const columns = 5;
const advance = 6;

/** Width of a text at this size, pixels. */
export function textWidth(text: string, pointPx: number): number {
  return text.length * advance * pointPx;
}

/** Draws capital letters, digits and `. - / #`; every other character is a space. `pointPx` is the edge of one point. */
export function drawText(
  raster: Raster,
  text: string,
  [x, y]: readonly [number, number],
  pointPx: number,
  color: Yuv,
): void {
  for (let i = 0; i < text.length; i++) {
    const glyph = glyphs[text[i] as string];
    if (glyph) drawGlyph(raster, glyph, x + i * advance * pointPx, y, pointPx, color);
  }
}

function drawGlyph(
  raster: Raster,
  glyph: readonly number[],
  x: number,
  y: number,
  pointPx: number,
  color: Yuv,
): void {
  for (let row = 0; row < glyph.length; row++) {
    const bits = glyph[row] as number;
    let column = 0;
    while (column < columns) {
      if (!(bits & (1 << (columns - 1 - column)))) {
        column++;
        continue;
      }
      const from = column;
      while (column < columns && bits & (1 << (columns - 1 - column))) column++;
      fillPoints(
        raster,
        x + from * pointPx,
        y + row * pointPx,
        (column - from) * pointPx,
        pointPx,
        color,
      );
    }
  }
}

/** Luma only: the text's back is neutral already, and so is the text. */
function fillPoints(
  raster: Raster,
  x: number,
  y: number,
  width: number,
  height: number,
  color: Yuv,
): void {
  const { strideY } = raster;
  const plane = raster.luma.bytes;
  for (let row = y; row < y + height; row++) {
    const from = row * strideY + x;
    for (let i = from; i < from + width; i++) plane[i] = color[0];
  }
}
