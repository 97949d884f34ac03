/** Whether a peer is there. `left` is final. */
export type PresenceState = 'present' | 'suspect' | 'left';

/** Silence, µs, after which a peer is suspect, and after which it has left. */
export type PresenceOptions = { suspectUs: number; leftUs: number };

/** Decides from signs of life whether a peer is there. Pure: time is given. */
export class Presence {
  readonly #options: PresenceOptions;
  #lastSignUs: number;
  #state: PresenceState = 'present';

  constructor(options: PresenceOptions, nowUs: number) {
    this.#options = options;
    this.#lastSignUs = nowUs;
  }

  get state(): PresenceState {
    return this.#state;
  }

  /** A message came. Gives the new state when it changed. */
  handleSign(nowUs: number): PresenceState | undefined {
    if (this.#state === 'left') return undefined;
    this.#lastSignUs = Math.max(this.#lastSignUs, nowUs);
    return this.#enter('present');
  }

  /** The link broke: no need to wait for silence to be suspicious. Gives the new state when it changed. */
  handleLinkLost(): PresenceState | undefined {
    return this.#state === 'present' ? this.#enter('suspect') : undefined;
  }

  /** Time has passed. Gives the new state when it changed. */
  handleTick(nowUs: number): PresenceState | undefined {
    if (this.#state === 'left') return undefined;
    const silentUs = nowUs - this.#lastSignUs;
    if (silentUs >= this.#options.leftUs) return this.#enter('left');
    if (silentUs >= this.#options.suspectUs) return this.#enter('suspect');
    return undefined;
  }

  #enter(state: PresenceState): PresenceState | undefined {
    if (state === this.#state) return undefined;
    this.#state = state;
    return state;
  }
}
