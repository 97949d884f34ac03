import {
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  AVSEEK_FLAG_BYTE,
} from 'node-av/constants';
import { Dictionary, FormatContext, InputFormat, Packet, type Stream } from 'node-av/lib';
import { MediaError, MediaErrorCode } from './errors.ts';
import type { InputSource } from './input-source.ts';

/** Reads the video packets of a file, an address or a device. Reading waits in a thread, not on the event loop. */
export class Demuxer {
  readonly stream: Stream;
  readonly #context: FormatContext;
  readonly #packet: Packet;
  #isReading = false;
  #isClosed = false;
  #isFreed = false;

  private constructor(context: FormatContext, stream: Stream) {
    this.#context = context;
    this.stream = stream;
    this.#packet = new Packet();
    this.#packet.alloc();
  }

  /** Opens it; `onContext` gets the means to interrupt an opening that hangs. Throws MediaError. */
  static async open(
    source: InputSource,
    onContext: (interrupt: () => void) => void = () => {},
  ): Promise<Demuxer> {
    const context = new FormatContext();
    context.allocContext();
    onContext(() => context.interrupt());
    const format = source.format ? InputFormat.findInputFormat(source.format) : null;
    const options = Dictionary.fromObject(source.options);
    const opened = await context.openInput(source.url, format, options);
    if (opened < 0) throw notOpened(source, opened);
    const stream = await findVideo(context, source);
    if (!stream) {
      await context.closeInput();
      throw new MediaError(MediaErrorCode.NoVideo, 'the input has no video', {
        details: { format: source.format ?? 'by address' },
      });
    }
    return new Demuxer(context, stream);
  }

  /**
   * Opens it, hands it to `act` and closes it; an abort interrupts whatever it waits in. Rejects with what either
   * throws; `act` is not called after an abort.
   */
  static async use(
    source: InputSource,
    signal: AbortSignal,
    act: (demuxer: Demuxer) => Promise<void>,
  ): Promise<void> {
    let interrupt = () => {};
    const onAbort = () => interrupt();
    signal.addEventListener('abort', onAbort);
    let demuxer: Demuxer | undefined;
    try {
      demuxer = await Demuxer.open(source, (stop) => {
        interrupt = stop;
      });
      const opened = demuxer;
      interrupt = () => opened.close();
      if (!signal.aborted) await act(demuxer);
    } finally {
      signal.removeEventListener('abort', onAbort);
      demuxer?.close();
    }
  }

  /** Pictures a second as the input says, 0 when it does not. */
  get fps(): number {
    const { num, den } = this.stream.avgFrameRate;
    return num > 0 && den > 0 ? num / den : 0;
  }

  /** The next video packet (good until the next call), or undefined at the end. Throws MediaError when it breaks. */
  async read(): Promise<Packet | undefined> {
    while (!this.#isClosed) {
      this.#packet.unref();
      this.#isReading = true;
      const result = await this.#context.readFrame(this.#packet).finally(() => {
        this.#isReading = false;
      });
      if (this.#isClosed) break;
      const packet = this.#judge(result);
      if (packet !== 'other') return packet;
    }
    this.#free();
    return undefined;
  }

  /** The same on the event loop, for files. */
  readSync(): Packet | undefined {
    for (;;) {
      this.#packet.unref();
      const packet = this.#judge(this.#context.readFrameSync(this.#packet));
      if (packet !== 'other') return packet;
    }
  }

  /** Goes back to the beginning. */
  rewind(): boolean {
    const seek = (flag: typeof AVSEEK_FLAG_BYTE) =>
      this.#context.seekFrameSync(this.stream.index, 0n, flag) >= 0;
    // A bare stream of pictures has no times by which to seek.
    return seek(AVSEEK_FLAG_BACKWARD) || seek(AVSEEK_FLAG_BYTE);
  }

  /** Ends a reading that waits, and closes. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A thread that still reads must be out of the context before it is freed.
    if (this.#isReading) this.#context.interrupt();
    else this.#free();
  }

  #judge(result: number): Packet | 'other' | undefined {
    if (result === AVERROR_EOF) return undefined;
    if (result < 0) {
      throw new MediaError(MediaErrorCode.InputEnded, 'the input broke', {
        retryable: true,
        details: { result },
      });
    }
    return this.#packet.streamIndex === this.stream.index ? this.#packet : 'other';
  }

  #free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    this.#packet.free();
    this.#context.closeInputSync();
  }
}

/** The best video stream; undefined when there is none. */
async function findVideo(context: FormatContext, source: InputSource): Promise<Stream | undefined> {
  const video = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  // Looking at a live stream costs half a second, and the key frame that comes meanwhile.
  if (source.isLive && video?.codecpar.extradata) return video;
  if ((await context.findStreamInfo()) < 0) return undefined;
  return context.streams[context.findBestStream(AVMEDIA_TYPE_VIDEO)];
}

function notOpened(source: InputSource, result: number): MediaError {
  return new MediaError(MediaErrorCode.InputNotOpened, 'the input could not be opened', {
    retryable: true,
    // No address: it may carry a password.
    details: { result, format: source.format ?? 'by address' },
  });
}
