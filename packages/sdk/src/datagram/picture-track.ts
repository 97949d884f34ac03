/** Pictures that a track may not have taken yet; more are dropped. */
const maxWaiting = 4;

/** Hands pictures to a media stream track, whose elements show the newest. */
export class PictureTrack {
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  #waiting = 0;

  constructor(pictures: WritableStream<VideoFrame>) {
    this.#writer = pictures.getWriter();
    // The page stopped the track: nothing is shown any more, and that is its own decision.
    this.#writer.closed.catch(() => {});
  }

  /** Takes the picture over. */
  write(picture: VideoFrame): void {
    if (this.#waiting >= maxWaiting) {
      picture.close();
      return;
    }
    this.#waiting++;
    this.#writer
      .write(picture)
      .catch(() => picture.close())
      .finally(() => {
        this.#waiting--;
      });
  }
}
