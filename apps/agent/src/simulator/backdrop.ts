/** The part of a picture that no driving changes: sky and ground, one colour per row. */
import type { BytePlane } from './byte-plane.ts';
import { mix, palette } from './palette.ts';
import type { Raster, Yuv } from './raster.ts';
import type { View } from './view.ts';

/** Runs of bytes with one value, three numbers each: from, to (not included), value. */
type Runs = Int32Array;

/** Sky and ground of one camera, ready to be written into every picture: filling touches half the memory of a copy. */
export class Backdrop {
  readonly #raster: Raster;
  readonly #luma: Runs;
  readonly #u: Runs;
  readonly #v: Runs;

  /** Works out the rows of the camera behind `view`, which stands `heightM` above the ground. */
  constructor(view: View, heightM: number, raster: Raster) {
    const colors = Array.from({ length: raster.height }, (_, row) =>
      rowColor(view, heightM, row + 0.5),
    );
    const ofChroma = colors.filter((_, row) => row % 2 === 0);
    this.#raster = raster;
    this.#luma = runsOf(colors, 0, raster.strideY);
    this.#u = runsOf(ofChroma, 1, raster.strideC);
    this.#v = runsOf(ofChroma, 2, raster.strideC);
  }

  /** Overwrites the whole picture. */
  draw(): void {
    fillRuns(this.#raster.luma, this.#luma);
    fillRuns(this.#raster.u, this.#u);
    fillRuns(this.#raster.v, this.#v);
  }
}

/** Neighbouring rows of the same value become one run. */
function runsOf(colors: readonly Yuv[], channel: 0 | 1 | 2, stride: number): Runs {
  const runs: number[] = [];
  colors.forEach((color, row) => {
    const value = Math.floor(color[channel]);
    if (row > 0 && runs.at(-1) === value) runs[runs.length - 2] = (row + 1) * stride;
    else runs.push(row * stride, (row + 1) * stride, value);
  });
  return Int32Array.from(runs);
}

function fillRuns({ bytes }: BytePlane, runs: Runs): void {
  for (let i = 0; i < runs.length; i += 3) {
    bytes.fill(runs[i + 2] as number, runs[i] as number, runs[i + 1] as number);
  }
}

function rowColor(view: View, heightM: number, row: number): Yuv {
  const below = row - view.horizonPx;
  if (below > 0) {
    const distance = (heightM * view.focalPx) / below;
    return mix(palette.ground, palette.haze, 1 - Math.exp(-distance / 95));
  }
  // Angle above the horizon; the glow lies in the lowest ten degrees.
  const up = Math.atan(-below / view.focalPx) / 0.6;
  return up < 0.3
    ? mix(palette.horizon, palette.midSky, up / 0.3)
    : mix(palette.midSky, palette.zenith, Math.min(1, (up - 0.3) / 0.7));
}
