import type { DecodedPicture } from './picture-decoder.ts';

type Held<Picture> = { picture: Picture; dueUs: number };

/** Decoders have few pictures to lend: when more wait, the oldest is due now. */
const maxHeld = 6;
/** A timer may be this much early, µs. */
const slackUs = 500;

/** Decoded pictures that wait for the time at which they are shown, in order. Pure. */
export class PictureQueue<Picture extends DecodedPicture> {
  #held: Array<Held<Picture>> = [];

  /** When the next one is due, µs. */
  get nextDueUs(): number | undefined {
    return this.#held[0]?.dueUs;
  }

  push(picture: Picture, dueUs: number): void {
    this.#held.push({ picture, dueUs });
  }

  /** The next picture when it is due. */
  takeDue(nowUs: number): Picture | undefined {
    const [first] = this.#held;
    if (!first) return undefined;
    if (first.dueUs > nowUs + slackUs && this.#held.length <= maxHeld) return undefined;
    this.#held.shift();
    return first.picture;
  }

  /** Gives back everything that waits. */
  clear(): void {
    for (const { picture } of this.#held) picture.close();
    this.#held = [];
  }
}
