/** Packets remembered; those of longer ago may be repeated at any time. */
const places = 2_048;

/** When packets were repeated last: a request that came in several copies is one. Pure. */
export class RepeatTimes {
  readonly #timesUs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
  readonly #sequences = new Uint16Array(places);

  /** Whether a packet may be repeated now: not within `gapUs` of the last time. */
  isDue(sequence: number, gapUs: number, nowUs: number): boolean {
    const place = sequence % places;
    if (this.#sequences[place] !== sequence) return true;
    return nowUs - (this.#timesUs[place] as number) >= gapUs;
  }

  /** It is repeated now. */
  note(sequence: number, nowUs: number): void {
    this.#sequences[sequence % places] = sequence;
    this.#timesUs[sequence % places] = nowUs;
  }
}
