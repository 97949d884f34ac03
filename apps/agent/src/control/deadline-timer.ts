import type { Clock } from '@longreach/kit';

/**
 * Calls back when a deadline that moves all the time is reached. A deadline that moves away costs nothing:
 * the timer that runs already finds out when it fires, so no timer is touched on the path of a command.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #firesUs = Number.POSITIVE_INFINITY;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #exact = false;
  #closed = false;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Sets the deadline, machine clock, µs; met within some 2 ms, or, when `exact`, as well as the machine can. */
  set(deadlineUs: number, exact: boolean): void {
    this.#deadlineUs = deadlineUs;
    this.#exact = exact;
    if (deadlineUs < this.#firesUs) this.#start();
  }

  /** Never calls back again. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #start(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#firesUs = this.#deadlineUs;
    const restMs = Math.max(0, (this.#deadlineUs - this.#clock.nowUs()) / 1000);
    // Timers have a grain of 1 ms and are late. An exact deadline's last piece is waited for turn by turn:
    // soon after its brake order is due, the actuator gives up on a drive order by itself.
    if (!this.#exact) this.#timer = setTimeout(() => this.#fire(), Math.ceil(restMs));
    else if (restMs >= 2) this.#timer = setTimeout(() => this.#fire(), Math.floor(restMs - 1));
    else this.#immediate = setImmediate(() => this.#fire());
  }

  #fire(): void {
    this.#firesUs = Number.POSITIVE_INFINITY;
    if (this.#clock.nowUs() >= this.#deadlineUs) this.#onDue();
    else this.#start();
  }
}
