import { BytePlane } from './byte-plane.ts';

/** Three planes of a picture, 4:2:0, limited range. */
export type Planes = {
  y: Uint8Array;
  u: Uint8Array;
  v: Uint8Array;
  strideY: number;
  /** Of both chroma planes. */
  strideC: number;
  /** Pixels, even. */
  width: number;
  height: number;
};

/** A colour as it lies in the planes. */
export type Yuv = readonly [y: number, u: number, v: number];

/** Most corners of one polygon, clipping included. */
export const maxCorners = 24;

/** Places in `#sides`: where both outlines cross the middle of the row at hand, and by how much that moves per row. */
const ax = 0;
const aSlope = 1;
const bx = 2;
const bSlope = 3;

/**
 * Fills convex polygons straight into 4:2:0 planes by horizontal spans.
 * Left and right edges are blended by coverage, so that slow motion looks smooth; top and bottom edges are not.
 */
export class Raster {
  readonly luma: BytePlane;
  readonly u: BytePlane;
  readonly v: BytePlane;
  readonly strideY: number;
  readonly strideC: number;
  readonly width: number;
  readonly height: number;
  readonly #sides = new Float64Array(4);

  constructor(planes: Planes) {
    this.luma = new BytePlane(planes.y);
    this.u = new BytePlane(planes.u);
    this.v = new BytePlane(planes.v);
    this.strideY = planes.strideY;
    this.strideC = planes.strideC;
    this.width = planes.width;
    this.height = planes.height;
  }

  /** Fills the convex polygon of the first `count` corners `xs`, `ys` (pixels, may lie outside). */
  fillPolygon(xs: Float64Array, ys: Float64Array, count: number, color: Yuv): void {
    let topmost = 0;
    let top = Infinity;
    let bottom = -Infinity;
    let leftmost = Infinity;
    let rightmost = -Infinity;
    for (let i = 0; i < count; i++) {
      const x = xs[i] as number;
      const y = ys[i] as number;
      if (y < top) {
        top = y;
        topmost = i;
      }
      if (y > bottom) bottom = y;
      if (x < leftmost) leftmost = x;
      if (x > rightmost) rightmost = x;
    }
    const { width, height } = this;
    if (!(rightmost > 0 && leftmost < width && bottom > 0 && top < height)) return;
    // A row belongs to the polygon when its middle does.
    const firstRow = top > 0.5 ? Math.ceil(top - 0.5) : 0;
    const endRow = bottom - 0.5 < height ? Math.ceil(bottom - 0.5) : height;
    if (firstRow < endRow) this.#walk(xs, ys, count, topmost, firstRow, endRow, color);
  }

  /** Follows the outline from the topmost corner down both ways; rows between two corners are one stretch. */
  #walk(
    xs: Float64Array,
    ys: Float64Array,
    count: number,
    topmost: number,
    firstRow: number,
    endRow: number,
    color: Yuv,
  ): void {
    let a = topmost;
    let b = topmost;
    let aEnd = firstRow;
    let bEnd = firstRow;
    const y = color[0] | 0;
    const u = color[1] | 0;
    const v = color[2] | 0;
    for (let row = firstRow; row < endRow; ) {
      while (aEnd <= row) {
        const from = a;
        a = a + 1 === count ? 0 : a + 1;
        aEnd = this.#step(xs, ys, from, a, row, endRow, ax);
      }
      while (bEnd <= row) {
        const from = b;
        b = b === 0 ? count - 1 : b - 1;
        bEnd = this.#step(xs, ys, from, b, row, endRow, bx);
      }
      const end = Math.min(aEnd, bEnd);
      this.#fillRows(row, end, y, u, v);
      row = end;
    }
  }

  /** Begins the edge between two corners at `row`; gives the row where it ends, `row` itself when it has none. */
  #step(
    xs: Float64Array,
    ys: Float64Array,
    from: number,
    to: number,
    row: number,
    endRow: number,
    side: number,
  ): number {
    const y1 = ys[to] as number;
    if (!(y1 - 0.5 > row)) return row;
    const x0 = xs[from] as number;
    const y0 = ys[from] as number;
    const slope = ((xs[to] as number) - x0) / (y1 - y0);
    this.#sides[side] = x0 + (row + 0.5 - y0) * slope;
    this.#sides[side + 1] = slope;
    return y1 - 0.5 < endRow ? Math.ceil(y1 - 0.5) : endRow;
  }

  #fillRows(firstRow: number, endRow: number, y: number, u: number, v: number): void {
    const { luma, strideY, strideC, width } = this;
    const { bytes } = luma;
    const sides = this.#sides;
    let a = sides[ax] as number;
    let b = sides[bx] as number;
    const aStep = sides[aSlope] as number;
    const bStep = sides[bSlope] as number;
    for (let row = firstRow; row < endRow; row++) {
      const xl = Math.max(0, Math.min(a, b));
      const xr = Math.min(width, Math.max(a, b));
      a += aStep;
      b += bStep;
      if (!(xl < xr)) continue;
      const base = row * strideY;
      const last = xr | 0;
      let first = xl | 0;
      if (first < xl) first++;
      if (first <= last) {
        if (first > xl) blend(bytes, base + first - 1, y, first - xl);
        if (xr > last) blend(bytes, base + last, y, xr - last);
        luma.fill(base + first, base + last, y);
      } else {
        blend(bytes, base + last, y, xr - xl);
      }
      if (!(row & 1)) continue;
      const from = (row >> 1) * strideC + ((xl * 0.5 + 0.5) | 0);
      const to = (row >> 1) * strideC + ((xr * 0.5 + 0.5) | 0);
      if (from < to) BytePlane.fillPair(this.u, this.v, from, to, u, v);
    }
    sides[ax] = a;
    sides[bx] = b;
  }
}

function blend(plane: Uint8Array, at: number, value: number, coverage: number): void {
  const old = plane[at] as number;
  plane[at] = old + (value - old) * coverage + 0.5;
}
