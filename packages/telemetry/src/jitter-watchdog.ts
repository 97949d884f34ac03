/** What is known of a receiver's jitter buffer over about one second. Times: ms. */
export type JitterSample = {
  nowMs: number;
  /** Mean time that a frame spent in the buffer (`jitterBuffer`); absent when none left it. */
  bufferMs?: number;
  /** Mean time that the receiver meant to hold frames (`jitterBufferTarget`); absent when it does not say. */
  targetMs?: number;
  /** What the arrivals of this second made necessary: see `neededBufferMs`. */
  neededMs: number;
};

/** What to do about a buffer that does not come back: nothing, tell the receiver its target anew, or a new connection. */
export type JitterAction = 'none' | 'reset' | 'renew';

/** Options of the watchdog, ms. */
export type JitterWatchdogOptions = {
  /** More than needed by so much is too much. Default 20. */
  allowanceMs?: number;
  /** What was needed within this time may be needed again. Default 5,000. */
  memoryMs?: number;
  /** Too much for so long is creep. Default 4,000. */
  patienceMs?: number;
  /** A reset has so long to help. Default 4,000. */
  resetMs?: number;
  /** After a renewal there is none for so long; doubles up to `longestRestMs` until one helps. Default 30,000. */
  restMs?: number;
  /** Default 300,000. */
  longestRestMs?: number;
};

type State =
  | { kind: 'watching'; tooMuchSinceMs: number | undefined }
  | { kind: 'reset'; atMs: number }
  | { kind: 'resting'; untilMs: number };

/** A receiver never does with less: one packet's spread over the frame, decoding. */
const baseMs = 10;
/** Spread of arrivals in mean deviations: nearly all of them lie within. */
const jitterFactor = 4;
/** A repeat takes a round trip and a half: the gap is seen by a later packet, and the timer is coarse. */
const repeatFactor = 1.5;
/** Without a sample for so long, nothing is known of the time between. */
const longestSilenceMs = 3_000;

/** The buffer that arrivals of the last second made necessary, ms; round trip counts when repeats were asked for. */
export function neededBufferMs(arrivals: {
  jitterMs: number;
  roundTripMs?: number | undefined;
  repeatsAsked: number;
}): number {
  const repeatMs = arrivals.repeatsAsked > 0 ? (arrivals.roundTripMs ?? 100) * repeatFactor : 0;
  return baseMs + jitterFactor * arrivals.jitterMs + repeatMs;
}

/**
 * Sees a jitter buffer that grew when it had to and does not come back. Pure: one sample a second, all times given.
 * Rules: SPEC.md J1 to J7.
 */
export class JitterWatchdog {
  readonly #options: Required<JitterWatchdogOptions>;
  /** Oldest first; at most one a sample within the memory. */
  #needs: { atMs: number; neededMs: number }[] = [];
  #state: State = { kind: 'watching', tooMuchSinceMs: undefined };
  #restMs: number;
  #lastMs: number | undefined;

  constructor(options: JitterWatchdogOptions = {}) {
    this.#options = {
      allowanceMs: 20,
      memoryMs: 5_000,
      patienceMs: 4_000,
      resetMs: 4_000,
      restMs: 30_000,
      longestRestMs: 300_000,
      ...options,
    };
    this.#restMs = this.#options.restMs;
  }

  /** Takes one sample; says what to do now. */
  handleSample(sample: JitterSample): JitterAction {
    const { nowMs } = sample;
    const wasSilent = this.#lastMs !== undefined && nowMs - this.#lastMs > longestSilenceMs;
    this.#lastMs = nowMs;
    if (wasSilent) this.#forget();
    this.#remember(sample);
    const heldMs = heldOnPurposeMs(sample);
    if (heldMs === undefined) return 'none';
    const isTooMuch = heldMs > this.#neededMs() + this.#options.allowanceMs;
    return this.#step(isTooMuch, nowMs);
  }

  #step(isTooMuch: boolean, nowMs: number): JitterAction {
    const state = this.#state;
    switch (state.kind) {
      case 'watching':
        if (!isTooMuch) state.tooMuchSinceMs = undefined;
        else state.tooMuchSinceMs ??= nowMs;
        if (nowMs - (state.tooMuchSinceMs ?? nowMs) < this.#options.patienceMs) return 'none';
        this.#state = { kind: 'reset', atMs: nowMs };
        return 'reset';
      case 'reset':
        if (nowMs - state.atMs < this.#options.resetMs) return 'none';
        return isTooMuch ? this.#renew(nowMs) : this.#recover();
      case 'resting':
        if (nowMs >= state.untilMs) this.#state = { kind: 'watching', tooMuchSinceMs: undefined };
        return 'none';
    }
  }

  /** The buffer came back: the next renewal need not wait longer. */
  #recover(): JitterAction {
    this.#state = { kind: 'watching', tooMuchSinceMs: undefined };
    this.#restMs = this.#options.restMs;
    return 'none';
  }

  #renew(nowMs: number): JitterAction {
    this.#state = { kind: 'resting', untilMs: nowMs + this.#restMs };
    this.#restMs = Math.min(2 * this.#restMs, this.#options.longestRestMs);
    return 'renew';
  }

  #forget(): void {
    this.#needs = [];
    if (this.#state.kind !== 'resting') {
      this.#state = { kind: 'watching', tooMuchSinceMs: undefined };
    }
  }

  #remember({ nowMs, neededMs }: JitterSample): void {
    this.#needs = this.#needs.filter(({ atMs }) => nowMs - atMs < this.#options.memoryMs);
    this.#needs.push({ atMs: nowMs, neededMs });
  }

  #neededMs(): number {
    return this.#needs.reduce((most, { neededMs }) => Math.max(most, neededMs), 0);
  }
}

/**
 * How long frames are held on purpose. Beyond the target they wait for what is missing, which no reset shortens;
 * a target that is not reached is not obeyed (low latency) and does no harm.
 */
function heldOnPurposeMs({ bufferMs, targetMs }: JitterSample): number | undefined {
  return bufferMs === undefined ? undefined : Math.min(bufferMs, targetMs ?? bufferMs);
}
