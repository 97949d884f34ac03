import { TickCounter } from './media-time.ts';
import type { DecodedPicture } from './picture-decoder.ts';

/** A connection's picture this much behind the newest one shown is of another clock, not late, µs. */
const anotherClockUs = 2_000_000;

/**
 * What the elements of one slot show, whichever connection brings it: a connection that is to replace another takes
 * over with its first picture that is newer than what is shown. Rule D14.
 */
export class Screen<Picture extends DecodedPicture> {
  /** Counts for all connections alike: the timestamps of their pictures can be compared. */
  readonly ticks = new TickCounter();
  readonly #write: (picture: Picture) => void;
  #owner = Number.NEGATIVE_INFINITY;
  #newestUs = Number.NEGATIVE_INFINITY;

  /** `write` takes a picture over. */
  constructor(write: (picture: Picture) => void) {
    this.#write = write;
  }

  /** Shows the picture of a connection, or gives it back; connections are counted up. Says whether it is shown. */
  show(connection: number, picture: Picture): boolean {
    const behindUs = this.#newestUs - picture.timestamp;
    const isBehind = connection > this.#owner && behindUs >= 0 && behindUs < anotherClockUs;
    if (connection < this.#owner || isBehind) {
      picture.close();
      return false;
    }
    this.#owner = connection;
    this.#newestUs = picture.timestamp;
    this.#write(picture);
    return true;
  }
}
