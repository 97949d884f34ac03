/** Calls back at the earliest of the times it is given, once, to the millisecond. */
export class DeadlineTimer {
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #dueUs = Number.POSITIVE_INFINITY;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Makes sure that the call comes at `dueUs` at the latest; undefined asks for nothing. */
  wakeBy(dueUs: number | undefined, nowUs: number): void {
    if (dueUs === undefined || dueUs >= this.#dueUs) return;
    clearTimeout(this.#timer);
    this.#dueUs = dueUs;
    const delayMs = Math.max(1, Math.ceil((dueUs - nowUs) / 1_000));
    this.#timer = setTimeout(() => {
      this.#dueUs = Number.POSITIVE_INFINITY;
      this.#onDue();
    }, delayMs);
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#dueUs = Number.NEGATIVE_INFINITY;
  }
}
