import { Backdrop } from './backdrop.ts';
import type { Course } from './course.ts';
import { drawEgo } from './ego-scene.ts';
import { GroundScene } from './ground-scene.ts';
import { ObjectScene } from './object-scene.ts';
import { Overlay } from './overlay.ts';
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
  readonly #view: View;
  readonly #mount: CameraMount;
  readonly #backdrop: Backdrop;
  readonly #ground: GroundScene;
  readonly #objects: ObjectScene;
  readonly #overlay: Overlay;

  constructor(mount: CameraMount, course: Course, planes: Planes) {
    const raster = new Raster(planes);
    this.#view = new View(mount, raster);
    this.#mount = mount;
    this.#backdrop = new Backdrop(this.#view, mount.heightM, raster);
    this.#ground = new GroundScene(course);
    this.#objects = new ObjectScene(course.objects);
    this.#overlay = new Overlay(raster, mount.name);
  }

  /** Overwrites the planes with the picture of this state. */
  draw(scene: SceneState): void {
    this.#backdrop.draw();
    this.#view.place(scene.xM, scene.yM, scene.headingRad);
    drawSkyline(this.#view);
    this.#ground.draw(this.#view);
    this.#objects.draw(this.#view);
    drawEgo(this.#view, this.#mount, scene);
    this.#overlay.draw(scene);
  }
}
