import type { Encoding } from '@longreach/protocol';

/** A link below this share of what the main encoding sends, for this long, gets the small one. */
const smallBelow = 0.85;
const smallAfterUs = 500_000;
/** A link above this share, for this long, gets the main one again. */
const mainAbove = 1.3;
const mainAfterUs = 5_000_000;

/** Decides which encoding a guest's link is for, without going back and forth. Pure. */
export class EncodingChoice {
  encoding: Encoding = 'main';
  /** Since when the link asks for the other encoding without a break. */
  #sinceUs: number | undefined;

  /** `limitBps`: what the link takes; `mainBps`: what the main encoding sends; 0 = nothing now. */
  update(limitBps: number, mainBps: number, nowUs: number): Encoding {
    const isSmall = this.encoding === 'small';
    const asksOther = isSmall ? limitBps > mainAbove * mainBps : limitBps < smallBelow * mainBps;
    if (!asksOther || mainBps === 0) {
      this.#sinceUs = undefined;
      return this.encoding;
    }
    this.#sinceUs ??= nowUs;
    if (nowUs - this.#sinceUs < (isSmall ? mainAfterUs : smallAfterUs)) return this.encoding;
    this.#sinceUs = undefined;
    this.encoding = isSmall ? 'main' : 'small';
    return this.encoding;
  }

  /** This viewer gets the main encoding, whatever its link. */
  reset(): Encoding {
    this.#sinceUs = undefined;
    this.encoding = 'main';
    return this.encoding;
  }
}
