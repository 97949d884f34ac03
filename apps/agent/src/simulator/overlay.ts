/** The line of figures in the lower left corner of a picture. */
import { TextStrip } from './bitmap-font.ts';
import { palette } from './palette.ts';
import type { Raster } from './raster.ts';

/** What the line shows. */
export type OverlayFigures = { speedMps: number; headingRad: number; frame: number };

const speedEnd = 10;
const headingEnd = 24;
const zero = 48;
const point = 46;
const space = 32;

/** Name of the camera, speed, compass heading and the picture's number; digits are set in place, no text is built. */
export class Overlay {
  readonly #line: Uint8Array;
  readonly #strip: TextStrip;

  constructor(raster: Raster, name: string) {
    const text = `${name.padEnd(5).slice(0, 5)}  0.0 KM/H  HDG 000  #000000`;
    this.#line = Uint8Array.from(text, (character) => character.charCodeAt(0));
    this.#strip = new TextStrip(raster, text.length, {
      pointPx: raster.width >= 1000 ? 3 : 2,
      color: palette.text,
      back: palette.textBack,
    });
  }

  /** Draws the line into the picture. */
  draw({ speedMps, headingRad, frame }: OverlayFigures): void {
    const tenthsKmh = Math.min(999, Math.round(Math.abs(speedMps) * 36));
    const line = this.#line;
    line[speedEnd - 1] = zero + (tenthsKmh % 10);
    line[speedEnd - 2] = point;
    setDigits(line, speedEnd - 2, 2, Math.floor(tenthsKmh / 10));
    if (tenthsKmh < 100) line[speedEnd - 4] = space;
    const degrees = Math.round(90 - (headingRad * 180) / Math.PI) % 360;
    setDigits(line, headingEnd, 3, (degrees + 360) % 360);
    setDigits(line, line.length, 6, frame % 1_000_000);
    this.#strip.draw(line);
  }
}

/** Writes the last `count` digits of a whole number so that they end before index `end`. */
function setDigits(line: Uint8Array, end: number, count: number, value: number): void {
  let rest = value;
  for (let at = end - 1; at >= end - count; at--) {
    line[at] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
