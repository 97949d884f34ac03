/** A perspective camera on the vehicle: from the world to pixels, with clipping at the near plane. */
import { maxCorners, type Raster, type Yuv } from './raster.ts';

/** Where a camera sits on the vehicle and where it looks. */
export type CameraMount = {
  name: string;
  /** From the vehicle's middle, m: forward, to the left, above ground. */
  forwardM: number;
  leftM: number;
  heightM: number;
  /** From straight ahead, rad, positive to the left. */
  yawRad: number;
  /** Downwards, rad. */
  pitchRad: number;
  /** Horizontal angle of view, rad. */
  fieldOfViewRad: number;
};

const degree = Math.PI / 180;

/** The vehicle's cameras by their index in a configuration. */
export const cameraMounts: readonly CameraMount[] = [
  mount('FRONT', [0.5, 0, 1.75], [0, 7, 82]),
  mount('LEFT', [0.9, 0.85, 1.6], [78, 12, 96]),
  mount('RIGHT', [0.9, -0.85, 1.6], [-78, 12, 96]),
  mount('REAR', [-1.75, 0, 1.5], [180, 14, 100]),
];

function mount(
  name: string,
  [forwardM, leftM, heightM]: readonly [number, number, number],
  [yaw, pitch, view]: readonly [number, number, number],
): CameraMount {
  return {
    name,
    forwardM,
    leftM,
    heightM,
    yawRad: yaw * degree,
    pitchRad: pitch * degree,
    fieldOfViewRad: view * degree,
  };
}

const nearM = 0.15;

/** Draws polygons given in metres through one camera. */
export class View {
  readonly focalPx: number;
  /** Row of the horizon; it never moves, the vehicle does not pitch. */
  readonly horizonPx: number;
  /** The camera's place on the ground plane and its height, m. */
  x = 0;
  y = 0;
  z = 0;
  /** Unit vector of its yaw on the ground. */
  cos = 1;
  sin = 0;
  readonly #mount: CameraMount;
  readonly #raster: Raster;
  readonly #cosPitch: number;
  readonly #sinPitch: number;
  readonly #halfWidth: number;
  readonly #halfHeight: number;
  /** Corners in camera axes: right, down, depth. */
  readonly #right = new Float64Array(maxCorners);
  readonly #down = new Float64Array(maxCorners);
  readonly #depth = new Float64Array(maxCorners);
  #count = 0;
  /** Whether a corner of the polygon lies before the near plane. */
  #crossesNear = false;
  /** Half the picture's width at a depth of one metre, m. */
  readonly #halfWidthPerM: number;
  readonly #xs = new Float64Array(maxCorners);
  readonly #ys = new Float64Array(maxCorners);

  constructor(cameraMount: CameraMount, raster: Raster) {
    this.#mount = cameraMount;
    this.#raster = raster;
    this.#halfWidth = raster.width / 2;
    this.#halfHeight = raster.height / 2;
    this.focalPx = this.#halfWidth / Math.tan(cameraMount.fieldOfViewRad / 2);
    this.#halfWidthPerM = this.#halfWidth / this.focalPx;
    this.#cosPitch = Math.cos(cameraMount.pitchRad);
    this.#sinPitch = Math.sin(cameraMount.pitchRad);
    this.horizonPx = this.#halfHeight - this.focalPx * Math.tan(cameraMount.pitchRad);
  }

  /** Places the camera for a vehicle at this pose. */
  place(xM: number, yM: number, headingRad: number): void {
    const { forwardM, leftM, heightM, yawRad } = this.#mount;
    const c = Math.cos(headingRad);
    const s = Math.sin(headingRad);
    this.x = xM + c * forwardM - s * leftM;
    this.y = yM + s * forwardM + c * leftM;
    this.z = heightM;
    this.cos = Math.cos(headingRad + yawRad);
    this.sin = Math.sin(headingRad + yawRad);
  }

  /** Depth along the ground of a point, m: negative behind the camera. */
  depthOf(x: number, y: number): number {
    return (x - this.x) * this.cos + (y - this.y) * this.sin;
  }

  /** Whether a disc on the ground can be in the picture, not farther than `farM`. */
  sees(x: number, y: number, radiusM: number, farM: number): boolean {
    const dx = x - this.x;
    const dy = y - this.y;
    const depth = dx * this.cos + dy * this.sin;
    if (depth < -radiusM || depth > farM + radiusM) return false;
    const across = Math.abs(dy * this.cos - dx * this.sin);
    return across < Math.max(depth, 0) * this.#halfWidthPerM + radiusM * 1.6 + 1;
  }

  /** Starts a polygon. */
  begin(): void {
    this.#count = 0;
    this.#crossesNear = false;
  }

  /** Adds a corner, metres in the world. */
  corner(x: number, y: number, z: number): void {
    const dx = x - this.x;
    const dy = y - this.y;
    const up = z - this.z;
    const ahead = dx * this.cos + dy * this.sin;
    const i = this.#count++;
    this.#right[i] = dx * this.sin - dy * this.cos;
    const depth = ahead * this.#cosPitch - up * this.#sinPitch;
    if (depth < nearM) this.#crossesNear = true;
    this.#depth[i] = depth;
    this.#down[i] = -up * this.#cosPitch - ahead * this.#sinPitch;
  }

  /** Fills the polygon that was begun. */
  fill(color: Yuv): void {
    const corners = this.#crossesNear ? this.#projectClipped() : this.#projectAll();
    if (corners >= 3) this.#raster.fillPolygon(this.#xs, this.#ys, corners, color);
  }

  #projectAll(): number {
    const n = this.#count;
    for (let i = 0; i < n; i++) {
      const scale = this.focalPx / (this.#depth[i] as number);
      this.#xs[i] = this.#halfWidth + (this.#right[i] as number) * scale;
      this.#ys[i] = this.#halfHeight + (this.#down[i] as number) * scale;
    }
    return n;
  }

  #projectClipped(): number {
    const n = this.#count;
    let out = 0;
    for (let i = 0; i < n; i++) {
      const depth = this.#depth[i] as number;
      const j = i + 1 === n ? 0 : i + 1;
      const nextDepth = this.#depth[j] as number;
      if (depth >= nearM) out = this.#project(out, i, i, 0);
      if (depth >= nearM !== nextDepth >= nearM) {
        out = this.#project(out, i, j, (nearM - depth) / (nextDepth - depth));
      }
    }
    return out;
  }

  #project(at: number, from: number, to: number, share: number): number {
    const right = lerp(this.#right, from, to, share);
    const down = lerp(this.#down, from, to, share);
    const scale = this.focalPx / Math.max(lerp(this.#depth, from, to, share), nearM);
    this.#xs[at] = this.#halfWidth + right * scale;
    this.#ys[at] = this.#halfHeight + down * scale;
    return at + 1;
  }
}

function lerp(values: Float64Array, from: number, to: number, share: number): number {
  const a = values[from] as number;
  return a + ((values[to] as number) - a) * share;
}
