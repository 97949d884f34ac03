import { type Backdrop, createBackdrop } from './backdrop.ts';
import { drawText, textWidth } from './bitmap-font.ts';
import type { Course, CourseObject } from './course.ts';
import { drawEgo } from './ego-scene.ts';
import { createTrack, drawGround, type TrackStretch } from './ground-scene.ts';
import { drawObjects } from './object-scene.ts';
import { palette } from './palette.ts';
import { type Planes, Raster } from './raster.ts';
import { drawSkyline } from './skyline.ts';
import { type CameraMount, View } from './view.ts';

/** What one picture shows. */
export type SceneState = {
  xM: number;
  yM: number;
  headingRad: number;
  speedMps: number;
  /** −1 to 1, bends the guide lines. */
  steering: number;
  /** Shown as text. */
  frame: number;
};

/** Draws what one camera of the simulated vehicle sees, straight into 4:2:0 planes. */
export class Renderer {
  readonly #planes: Planes;
  readonly #raster: Raster;
  readonly #view: View;
  readonly #mount: CameraMount;
  readonly #course: Course;
  readonly #track: TrackStretch[];
  readonly #backdrop: Backdrop;
  readonly #order: { object: CourseObject; depth: number }[] = [];

  constructor(mount: CameraMount, course: Course, planes: Planes) {
    this.#planes = planes;
    this.#raster = new Raster(planes);
    this.#view = new View(mount, this.#raster);
    this.#mount = mount;
    this.#course = course;
    this.#track = createTrack(course);
    this.#backdrop = createBackdrop(this.#view, mount.heightM, planes);
  }

  /** Overwrites the planes with the picture of this state. */
  draw(scene: SceneState): void {
    const { y, u, v } = this.#planes;
    y.set(this.#backdrop.y);
    u.set(this.#backdrop.u);
    v.set(this.#backdrop.v);
    this.#view.place(scene.xM, scene.yM, scene.headingRad);
    drawSkyline(this.#view);
    drawGround(this.#view, this.#track, this.#course.objects);
    drawObjects(this.#view, this.#course.objects, this.#order);
    drawEgo(this.#view, this.#mount, scene);
    this.#drawOverlay(scene);
  }

  #drawOverlay(scene: SceneState): void {
    const pointPx = this.#planes.width >= 1000 ? 3 : 2;
    const kmh = Math.abs(scene.speedMps * 3.6)
      .toFixed(1)
      .padStart(4);
    const degrees = Math.round(90 - (scene.headingRad * 180) / Math.PI + 720) % 360;
    const heading = `${degrees}`.padStart(3, '0');
    const frame = `${scene.frame % 1_000_000}`.padStart(6, '0');
    const text = `${this.#mount.name.padEnd(5)} ${kmh} KM/H  HDG ${heading}  #${frame}`;
    const y = this.#planes.height - 11 * pointPx;
    this.#raster.fillRect(
      0,
      y,
      textWidth(text, pointPx) + 6 * pointPx,
      11 * pointPx,
      palette.textBack,
    );
    drawText(this.#raster, text, [4 * pointPx, y + 2 * pointPx], pointPx, palette.text);
  }
}
