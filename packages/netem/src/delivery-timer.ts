/** Node's timers count in ms and may fire up to 1 ms early and more than 1 ms late: the last stretch is waited otherwise. */
const napsFromUs = 3000;
/** Timers are set to end this long before the deadline, ms. */
const timerMarginMs = 1;
/** One nap: short, as nothing is received meanwhile. The kernel adds some 60 µs. */
const longestNapUs = 100;
const kernelSlackUs = 60;
/** A deadline this near has come. */
const toleranceUs = 20;

/** The relay's clock, µs. */
export function monotonicUs(): number {
  return performance.now() * 1000;
}

/**
 * Calls back at a deadline, more exactly than a timer can: the last milliseconds pass in turns of a short sleep and a look
 * at the sockets. Busy waiting would be as exact, but takes the core from what is measured.
 */
export class DeliveryTimer {
  readonly #onDue: () => void;
  readonly #step = (): void => this.#wait();
  #deadlineUs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #isQuiet = true;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Calls back at `deadlineUs` unless it does so earlier anyway; each callback has to be asked for anew. */
  arm(deadlineUs: number): void {
    if (deadlineUs >= this.#deadlineUs) return;
    this.#deadlineUs = deadlineUs;
    if (this.#immediate) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const remainingUs = deadlineUs - monotonicUs();
    if (remainingUs > napsFromUs) {
      const ms = Math.floor(remainingUs / 1000) - timerMarginMs;
      this.#timer = setTimeout(this.#step, ms);
    } else this.#immediate = setImmediate(this.#step);
  }

  /** Something came since the last turn: more may be there, and a turn reads only some, so the next one does not sleep. */
  handleActivity(): void {
    this.#isQuiet = false;
  }

  /** No callback any more. */
  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#deadlineUs = Number.POSITIVE_INFINITY;
  }

  #wait(): void {
    const deadlineUs = this.#deadlineUs;
    this.close();
    const remainingUs = deadlineUs - monotonicUs();
    if (remainingUs <= toleranceUs) {
      this.#onDue();
      return;
    }
    if (remainingUs <= napsFromUs && this.#isQuiet) {
      nap(Math.min(remainingUs - kernelSlackUs, longestNapUs));
    }
    this.#isQuiet = true;
    this.arm(deadlineUs);
  }
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

function nap(us: number): void {
  if (us > 0) Atomics.wait(nobodyWakes, 0, 0, us / 1000);
}
