import type { Clock } from '@longreach/kit';
import { FrameSchedule } from './frame-schedule.ts';

/** A timer that fires this much before its deadline is due now: closer than that it cannot be set. */
const timerGrainUs = 600;

/** Calls back once per frame on absolute deadlines, the first time at once. */
export class FramePacer {
  readonly #clock: Clock;
  readonly #schedule: FrameSchedule;
  readonly #onFrame: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;

  constructor(clock: Clock, options: { fps: number; phase: number }, onFrame: () => void) {
    this.#clock = clock;
    this.#schedule = new FrameSchedule(options.fps, options.phase);
    this.#onFrame = onFrame;
  }

  /** Starts with a frame at once: who begins to watch does not wait for the grid. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#timer = setTimeout(() => this.#fire(this.#clock.nowUs()), 0);
  }

  /** Idempotent. */
  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** Changes the rate from the next frame on. */
  setFps(fps: number): void {
    this.#schedule.setFps(fps);
  }

  /** Frames so far whose time had passed before they could be taken. */
  get missed(): number {
    return this.#schedule.missed;
  }

  #fire(dueUs: number): void {
    if (!this.#isRunning) return;
    this.#schedule.handleFrame(dueUs);
    try {
      this.#onFrame();
    } finally {
      this.#arm();
    }
  }

  #arm(): void {
    if (!this.#isRunning) return;
    const nowUs = this.#clock.nowUs();
    this.#wait(this.#schedule.nextUs(nowUs), nowUs);
  }

  #wait(dueUs: number, nowUs: number): void {
    const waitMs = Math.floor((dueUs - nowUs) / 1000);
    this.#timer = setTimeout(() => {
      const lateUs = this.#clock.nowUs() - dueUs;
      if (lateUs >= -timerGrainUs) this.#fire(dueUs);
      else this.#wait(dueUs, this.#clock.nowUs());
    }, waitMs);
  }
}
