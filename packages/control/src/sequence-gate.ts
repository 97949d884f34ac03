/**
 * Order of the frames of one lease. All frames share one counter but travel on two channels (one loses,
 * one repeats), so a repeated re-arm or opaque frame may rightly come after younger drive frames.
 */
export class SequenceGate {
  #drive = -1;
  #rearm = -1;
  /** Newest motion frame that was known when the machine last stopped. */
  #stop = -1;
  readonly #opaque = new ReplayWindow();

  /** Forgets everything: a new lease counts anew. */
  reset(): void {
    this.#drive = -1;
    this.#rearm = -1;
    this.#stop = -1;
    this.#opaque.reset();
  }

  /** Newest wins: whether this drive frame is younger than every drive and re-arm frame before it. */
  takeDrive(sequence: number): boolean {
    if (sequence <= this.#drive || sequence <= this.#rearm) return false;
    this.#drive = sequence;
    return true;
  }

  /** Whether this re-arm frame is younger than every re-arm before it and was given after the last stop. */
  takeRearm(sequence: number): boolean {
    if (sequence <= this.#rearm || sequence <= this.#stop) return false;
    this.#rearm = sequence;
    return true;
  }

  /** Whether this opaque frame has not come before and is not too old to tell. */
  takeOpaque(sequence: number): boolean {
    return this.#opaque.take(sequence);
  }

  /** Notes a stop: motion frames known by now can no longer re-arm. */
  noteStop(): void {
    this.#stop = Math.max(this.#drive, this.#rearm);
  }
}

/** Frames that the window looks back: ten seconds at 100 a second. */
const windowBits = 1024;

/** Sliding window against duplicates, as in RFC 4303 section 3.4.3. */
class ReplayWindow {
  readonly #seen = new Uint8Array(windowBits);
  #newest = -1;

  reset(): void {
    this.#seen.fill(0);
    this.#newest = -1;
  }

  take(sequence: number): boolean {
    if (sequence <= this.#newest - windowBits) return false;
    for (
      let next = Math.max(this.#newest + 1, sequence - windowBits + 1);
      next <= sequence;
      next++
    ) {
      this.#seen[next % windowBits] = 0;
    }
    this.#newest = Math.max(this.#newest, sequence);
    if (this.#seen[sequence % windowBits] === 1) return false;
    this.#seen[sequence % windowBits] = 1;
    return true;
  }
}
