import { sequenceDistance, unwrapSequence } from './sequence-number.ts';

/** Bounds and pacing of asking for lost packets. */
export type NackGeneratorOptions = {
  /** Packets after a gap that make it a loss rather than reordering. Default 3. */
  reorderPackets?: number;
  /** Time after which a gap is a loss, however few packets followed. Default 5,000 µs. */
  reorderUs?: number;
  /** Round trip assumed until one is known. Default 50,000 µs. */
  initialRttUs?: number;
  /** Least time between two requests for one packet. Default 10,000 µs. */
  minRetryUs?: number;
  /** Times one packet is asked for. Default 10. */
  maxAsks?: number;
  /** Age at which a missing packet is given up. Default 500,000 µs. */
  maxAgeUs?: number;
  /** Missing packets at a time; a larger hole needs a key frame. Default 256. */
  maxMissing?: number;
};

type Missing = { sinceUs: number; dueUs: number; asked: number };

/** A late answer costs one superfluous repeat, an early retry as well: wait a quarter longer than the round trip. */
const retryPerRtt = 1.25;
const none: readonly number[] = Object.freeze([]);

/** Decides which lost packets of one source to ask for, and when to ask for a key frame instead (SPEC N1–N9). */
export class NackGenerator {
  readonly #reorderPackets: number;
  readonly #reorderUs: number;
  readonly #minRetryUs: number;
  readonly #maxAsks: number;
  readonly #maxAgeUs: number;
  readonly #maxMissing: number;
  /** By extended sequence, ascending. */
  readonly #missing = new Map<number, Missing>();
  #retryUs: number;
  #newest: number | undefined;
  #farOff = -1;
  /** Missing packets that were not asked for yet. */
  #unasked = 0;
  #deadlineUs = Number.POSITIVE_INFINITY;
  /** Extended sequence of the newest packet given up since `takeKeyFrameNeeded`. */
  #givenUp: number | undefined;

  constructor(options: NackGeneratorOptions = {}) {
    this.#reorderPackets = options.reorderPackets ?? 3;
    this.#reorderUs = options.reorderUs ?? 5_000;
    this.#minRetryUs = options.minRetryUs ?? 10_000;
    this.#maxAsks = options.maxAsks ?? 10;
    this.#maxAgeUs = options.maxAgeUs ?? 500_000;
    this.#maxMissing = options.maxMissing ?? 256;
    this.#retryUs = Math.max(this.#minRetryUs, (options.initialRttUs ?? 50_000) * retryPerRtt);
  }

  /** How many packets are missing and not given up. */
  get missing(): number {
    return this.#missing.size;
  }

  /** When `takeDue` should be called next, µs; undefined while nothing is missing. May be early, never late. */
  get nextDeadlineUs(): number | undefined {
    return this.#missing.size === 0 ? undefined : this.#deadlineUs;
  }

  /** Paces retries by the newest round trip (µs). */
  setRoundTripUs(rttUs: number): void {
    this.#retryUs = Math.max(this.#minRetryUs, rttUs * retryPerRtt);
  }

  /** A packet arrived, at first or as an unwrapped repeat. Allocates only when one is missing. */
  handlePacket(sequence: number, nowUs: number): void {
    if (this.#newest === undefined) {
      this.#newest = sequence;
      return;
    }
    const extended = unwrapSequence(this.#newest, sequence);
    const step = extended - this.#newest;
    if (step === 1 && this.#missing.size === 0) this.#newest = extended;
    else if (step > 0) this.#advance(extended, nowUs);
    else this.#handleLate(extended, sequence);
  }

  /** A key frame begins at `sequence`: what is missing before it matters no more. */
  handleKeyFrameStart(sequence: number): void {
    if (this.#newest === undefined) return;
    const start = unwrapSequence(this.#newest, sequence);
    if (this.#givenUp !== undefined && start > this.#givenUp) this.#givenUp = undefined;
    for (const [extended, entry] of this.#missing) {
      if (extended >= start) break;
      this.#remove(extended, entry);
    }
  }

  /** The sequences to ask for now, ascending; each counts as asked. Gives up on those past their limits. */
  takeDue(nowUs: number): readonly number[] {
    if (this.#missing.size === 0 || nowUs < this.#deadlineUs) return none;
    const due: number[] = [];
    this.#deadlineUs = Number.POSITIVE_INFINITY;
    for (const [extended, entry] of this.#missing) {
      const isDue = nowUs >= entry.dueUs;
      if (nowUs - entry.sinceUs >= this.#maxAgeUs || (isDue && entry.asked >= this.#maxAsks)) {
        this.#remove(extended, entry);
        this.#givenUp = Math.max(this.#givenUp ?? extended, extended);
        continue;
      }
      if (isDue) {
        if (entry.asked === 0) this.#unasked -= 1;
        entry.asked += 1;
        entry.dueUs = nowUs + this.#retryUs;
        due.push(extended & 0xffff);
      }
      this.#deadlineBy(Math.min(entry.dueUs, entry.sinceUs + this.#maxAgeUs));
    }
    return due;
  }

  /** Whether a loss was given up since the last call: only a key frame helps. */
  takeKeyFrameNeeded(): boolean {
    const needed = this.#givenUp !== undefined;
    this.#givenUp = undefined;
    return needed;
  }

  #advance(extended: number, nowUs: number): void {
    const newest = this.#newest ?? extended;
    if (this.#missing.size + extended - newest - 1 > this.#maxMissing) {
      this.#loseAll(extended);
      return;
    }
    this.#newest = extended;
    for (let lost = newest + 1; lost < extended; lost++) {
      this.#missing.set(lost, { sinceUs: nowUs, dueUs: nowUs + this.#reorderUs, asked: 0 });
      this.#unasked += 1;
    }
    if (this.#unasked === 0) return;
    this.#deadlineBy(nowUs + Math.min(this.#reorderUs, this.#maxAgeUs));
    for (const [lost, entry] of this.#missing) {
      if (extended - lost < this.#reorderPackets) break;
      if (entry.asked > 0 || entry.dueUs <= nowUs) continue;
      entry.dueUs = nowUs;
      this.#deadlineBy(nowUs);
    }
  }

  #handleLate(extended: number, sequence: number): void {
    const entry = this.#missing.get(extended);
    if (entry !== undefined) {
      this.#remove(extended, entry);
      return;
    }
    const newest = this.#newest ?? extended;
    if (newest - extended <= 2 * this.#maxMissing) return; // a repeat
    // Two in a row far behind: the source began anew (as RFC 3550 A.1 decides it).
    if (sequenceDistance(this.#farOff, sequence) === 1) this.#loseAll(sequence);
    else this.#farOff = sequence;
  }

  #loseAll(newest: number): void {
    this.#missing.clear();
    this.#unasked = 0;
    this.#farOff = -1;
    this.#newest = newest;
    this.#givenUp = newest - 1;
  }

  #remove(extended: number, entry: Missing): void {
    this.#missing.delete(extended);
    if (entry.asked === 0) this.#unasked -= 1;
    if (this.#missing.size === 0) this.#deadlineUs = Number.POSITIVE_INFINITY;
  }

  #deadlineBy(timeUs: number): void {
    this.#deadlineUs = Math.min(this.#deadlineUs, timeUs);
  }
}
