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
/** Below this length a loop is faster than the call of `fill`. */
const shortSpan = 24;

/**
 * Fills convex polygons straight into 4:2:0 planes by horizontal spans.
 * Left and right edges are blended by coverage, so that slow motion looks smooth; top and bottom edges are not.
 */
export class Raster {
  readonly planes: Planes;
  readonly #left: Float32Array;
  readonly #right: Float32Array;
  readonly #chromaWidth: number;

  constructor(planes: Planes) {
    this.planes = planes;
    this.#left = new Float32Array(planes.height);
    this.#right = new Float32Array(planes.height);
    this.#chromaWidth = planes.width >> 1;
  }

  /** Fills the convex polygon of the first `count` corners `xs`, `ys` (pixels, may lie outside). */
  fillPolygon(xs: Float64Array, ys: Float64Array, count: number, color: Yuv): void {
    let top = Infinity;
    let bottom = -Infinity;
    let leftmost = Infinity;
    let rightmost = -Infinity;
    for (let i = 0; i < count; i++) {
      const x = xs[i] as number;
      const y = ys[i] as number;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      if (x < leftmost) leftmost = x;
      if (x > rightmost) rightmost = x;
    }
    const { width, height } = this.planes;
    if (!(rightmost > 0 && leftmost < width && bottom > 0 && top < height)) return;
    // A row belongs to the polygon when its middle does.
    const firstRow = Math.max(0, Math.ceil(top - 0.5));
    const endRow = Math.min(height, Math.ceil(bottom - 0.5));
    if (firstRow >= endRow) return;
    this.#traceEdges(xs, ys, count, firstRow, endRow);
    this.#fillLuma(firstRow, endRow, color[0]);
    this.#fillChroma(firstRow, endRow, color[1], color[2]);
  }

  /** Fills a rectangle of whole pixels. */
  fillRect(x: number, y: number, width: number, height: number, color: Yuv): void {
    const { planes } = this;
    const right = Math.min(planes.width, x + width);
    const bottom = Math.min(planes.height, y + height);
    for (let row = Math.max(0, y); row < bottom; row++) {
      planes.y.fill(color[0], row * planes.strideY + Math.max(0, x), row * planes.strideY + right);
    }
    for (let row = Math.max(0, y) >> 1; row < (bottom + 1) >> 1; row++) {
      const from = row * planes.strideC + (Math.max(0, x) >> 1);
      const to = row * planes.strideC + ((right + 1) >> 1);
      planes.u.fill(color[1], from, to);
      planes.v.fill(color[2], from, to);
    }
  }

  #traceEdges(
    xs: Float64Array,
    ys: Float64Array,
    count: number,
    firstRow: number,
    endRow: number,
  ): void {
    const left = this.#left;
    const right = this.#right;
    left.fill(Infinity, firstRow, endRow);
    right.fill(-Infinity, firstRow, endRow);
    for (let i = 0; i < count; i++) {
      const j = i + 1 === count ? 0 : i + 1;
      let x0 = xs[i] as number;
      let y0 = ys[i] as number;
      let x1 = xs[j] as number;
      let y1 = ys[j] as number;
      if (y0 > y1) {
        [x0, x1] = [x1, x0];
        [y0, y1] = [y1, y0];
      }
      const from = Math.max(firstRow, Math.ceil(y0 - 0.5));
      const to = Math.min(endRow, Math.ceil(y1 - 0.5));
      if (from >= to) continue;
      const slope = (x1 - x0) / (y1 - y0);
      let x = x0 + (from + 0.5 - y0) * slope;
      for (let row = from; row < to; row++) {
        if (x < (left[row] as number)) left[row] = x;
        if (x > (right[row] as number)) right[row] = x;
        x += slope;
      }
    }
  }

  #fillLuma(firstRow: number, endRow: number, luma: number): void {
    const { y: plane, strideY, width } = this.planes;
    for (let row = firstRow; row < endRow; row++) {
      const xl = Math.max(0, this.#left[row] as number);
      const xr = Math.min(width, this.#right[row] as number);
      if (!(xl < xr)) continue;
      const base = row * strideY;
      const first = Math.ceil(xl);
      const last = Math.floor(xr);
      if (first > last) {
        blend(plane, base + last, luma, xr - xl);
        continue;
      }
      if (first > xl) blend(plane, base + first - 1, luma, first - xl);
      if (xr > last) blend(plane, base + last, luma, xr - last);
      fillSpan(plane, base + first, base + last, luma);
    }
  }

  #fillChroma(firstRow: number, endRow: number, u: number, v: number): void {
    const { u: uPlane, v: vPlane, strideC } = this.planes;
    for (let row = firstRow | 1; row < endRow; row += 2) {
      const from = Math.max(0, Math.round((this.#left[row] as number) / 2));
      const to = Math.min(this.#chromaWidth, Math.round((this.#right[row] as number) / 2));
      if (from >= to) continue;
      const base = (row >> 1) * strideC;
      fillSpan(uPlane, base + from, base + to, u);
      fillSpan(vPlane, base + from, base + to, v);
    }
  }
}

function fillSpan(plane: Uint8Array, from: number, to: number, value: number): void {
  if (to - from > shortSpan) {
    plane.fill(value, from, to);
    return;
  }
  for (let i = from; i < to; i++) plane[i] = value;
}

function blend(plane: Uint8Array, at: number, value: number, coverage: number): void {
  const old = plane[at] as number;
  plane[at] = old + (value - old) * coverage + 0.5;
}
