/** A line of text in a small fixed font, five by seven points. */
import { BytePlane } from './byte-plane.ts';
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
const glyphRows = 7;
const advance = 6;
/** Points round the text: to the left, to the right, above; and from the strip's upper to its lower edge. */
const leftPoints = 4;
const rightPoints = 2;
const topPoints = 2;
const heightPoints = 11;

/** Glyphs by the code of their character. */
const glyphsByCode = Array.from({ length: 128 }, (_, code) => glyphs[String.fromCharCode(code)]);
const space = 32;

/** Look of a line of text; `pointPx` is the edge of one point. */
export type TextStyle = { pointPx: number; color: Yuv; back: Yuv };

/**
 * A line of text on a dark strip in the lower left corner: capital letters, digits and `. - / #`; every other
 * character is a space. The strip is kept, so that a picture costs the characters that changed and one copy.
 */
export class TextStrip {
  readonly #raster: Raster;
  readonly #style: TextStyle;
  /** What the strip shows, codes of characters. */
  readonly #shown: Uint8Array;
  /** The strip by rows, luma only: the text is as neutral as the strip, whose chroma serves both. */
  readonly #rows: readonly Uint8Array[];

  /** A strip for `length` characters. */
  constructor(raster: Raster, length: number, style: TextStyle) {
    const { pointPx, back } = style;
    const width = Math.min((leftPoints + length * advance + rightPoints) * pointPx, raster.width);
    this.#raster = raster;
    this.#style = style;
    this.#shown = new Uint8Array(length).fill(space);
    this.#rows = Array.from({ length: heightPoints * pointPx }, () =>
      new Uint8Array(width).fill(back[0]),
    );
  }

  /** Draws a line, given as codes of characters, into the picture. */
  draw(line: Uint8Array): void {
    const shown = this.#shown;
    for (let i = 0; i < shown.length; i++) {
      const code = line[i] as number;
      if (code === shown[i]) continue;
      shown[i] = code;
      this.#paint(i, glyphsByCode[code]);
    }
    this.#copy();
  }

  #paint(index: number, glyph: readonly number[] | undefined): void {
    const { pointPx, color, back } = this.#style;
    const x = (leftPoints + index * advance) * pointPx;
    for (let i = 0; i < glyphRows * pointPx; i++) {
      const bits = glyph ? (glyph[Math.floor(i / pointPx)] as number) : 0;
      const row = this.#rows[topPoints * pointPx + i] as Uint8Array;
      for (let column = 0; column < columns; column++) {
        const value = bits & (1 << (columns - 1 - column)) ? color[0] : back[0];
        const from = x + column * pointPx;
        for (let at = from; at < from + pointPx && at < row.length; at++) row[at] = value;
      }
    }
  }

  #copy(): void {
    const { luma, u, v, strideY, strideC, height } = this.#raster;
    const { back } = this.#style;
    const top = height - this.#rows.length;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i] as Uint8Array;
      luma.bytes.set(row, (top + i) * strideY);
      // Two rows share one of chroma; the uppermost one may be the second of its pair.
      if (i > 0 && (top + i) % 2 === 1) continue;
      const from = ((top + i) >> 1) * strideC;
      BytePlane.fillPair(u, v, from, from + ((row.length + 1) >> 1), back[1], back[2]);
    }
  }
}
