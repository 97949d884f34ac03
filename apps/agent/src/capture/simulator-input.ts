import type { Clock } from '@longreach/kit';
import type { Frame } from 'node-av/lib';
import type { VehicleState } from '../local/vehicle-state.ts';
import type { Course } from '../simulator/course.ts';
import { Renderer } from '../simulator/renderer.ts';
import { cameraMounts } from '../simulator/view.ts';
import { FramePacer } from './frame-pacer.ts';
import { allocatePicture, planesOf } from './picture-frame.ts';
import { clearStampChroma, drawStamp, stampClockOf, stampGeometryOf } from './stamp.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** Options of one simulated camera. */
export type SimulatorInputOptions = {
  /** 0 front, 1 left, 2 right, 3 rear. */
  camera: number;
  /** Even numbers of pixels. */
  width: number;
  height: number;
  fps: number;
  /** Whether the in-pixel stamp is drawn. */
  stamp: boolean;
  course: Course;
  clock: Clock;
  /** Where the vehicle is at a time of the machine clock. */
  vehicleAt: (timeUs: number) => VehicleState;
};

/** A camera on the simulated vehicle; each picture is drawn straight into the planes that are encoded. */
export class SimulatorInput implements VideoInput {
  readonly #options: SimulatorInputOptions;
  readonly #handlers: VideoInputHandlers;
  readonly #pacer: FramePacer;
  /** Made with the first picture: a camera that nobody watches has no memory either. */
  #canvas: { frame: Frame; renderer: Renderer } | undefined;
  #frameCount = 0;

  constructor(options: SimulatorInputOptions, handlers: VideoInputHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    const phase = (options.camera % cameraMounts.length) / cameraMounts.length;
    this.#pacer = new FramePacer(options.clock, { fps: options.fps, phase }, () => this.takeOne());
  }

  start(): void {
    this.#handlers.onState('running', '');
    this.#pacer.start();
  }

  stop(): void {
    this.#pacer.stop();
  }

  setFps(fps: number): void {
    this.#pacer.setFps(fps);
  }

  get missedPictures(): number {
    return this.#pacer.missed;
  }

  /** Takes one picture now, outside of the schedule. */
  takeOne(): void {
    const captureTimeUs = this.#options.clock.nowUs();
    this.#canvas ??= createCanvas(this.#options);
    const { frame, renderer } = this.#canvas;
    const frameCount = this.#frameCount++;
    renderer.draw({ ...this.#options.vehicleAt(captureTimeUs), frame: frameCount });
    if (this.#options.stamp) stampPicture(frame, frameCount, captureTimeUs);
    this.#handlers.onPicture({ frame, captureTimeUs });
  }
}

function createCanvas(options: SimulatorInputOptions): { frame: Frame; renderer: Renderer } {
  const mount = cameraMounts[options.camera];
  if (!mount) throw new RangeError(`the simulator has no camera ${options.camera}`);
  const frame = allocatePicture(options.width, options.height);
  return { frame, renderer: new Renderer(mount, options.course, planesOf(frame)) };
}

/** Draws the stamp into a 4:2:0 picture. */
export function stampPicture(frame: Frame, frameCount: number, captureTimeUs: number): void {
  const planes = planesOf(frame);
  const geometry = stampGeometryOf(planes.width);
  const stamp = { frame: frameCount, clock: stampClockOf(captureTimeUs) };
  drawStamp(planes.y, planes.strideY, stamp, geometry);
  clearStampChroma(planes.u, planes.strideC, geometry);
  clearStampChroma(planes.v, planes.strideC, geometry);
}
