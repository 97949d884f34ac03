import type { PlayerKind } from '../api.ts';

/** The player of one session. Once its datagram player failed, the session stays with `rtp`. */
export class SessionPlayer {
  #kind: PlayerKind;
  readonly #onChanged: (kind: PlayerKind, reason: string) => void;

  constructor(kind: PlayerKind, onChanged: (kind: PlayerKind, reason: string) => void) {
    this.#kind = kind;
    this.#onChanged = onChanged;
  }

  get kind(): PlayerKind {
    return this.#kind;
  }

  /** The datagram player cannot go on. */
  fallBack(reason: string): void {
    if (this.#kind === 'rtp') return;
    this.#kind = 'rtp';
    this.#onChanged('rtp', reason);
  }
}
