import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_H264,
  type AVCodecID,
  AVERROR_EAGAIN,
} from 'node-av/constants';
import { Codec, CodecContext, type CodecParameters, Frame, Packet } from 'node-av/lib';
import { MediaError, MediaErrorCode } from './errors.ts';

/** Decodes one video stream, picture by picture. */
export class PictureDecoder {
  readonly #context: CodecContext;
  readonly #frame: Frame;
  #isDecoding = false;
  #isClosed = false;

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#frame = new Frame();
    this.#frame.alloc();
  }

  /** Opens a decoder for a demuxed stream. Throws MediaError. */
  static open(parameters: CodecParameters): Promise<PictureDecoder> {
    return PictureDecoder.#open(parameters.codecId, parameters);
  }

  /** Opens a decoder for H.264 in Annex B, which says itself what it is. Throws MediaError. */
  static openH264(): Promise<PictureDecoder> {
    return PictureDecoder.#open(AV_CODEC_ID_H264);
  }

  static async #open(codecId: AVCodecID, parameters?: CodecParameters): Promise<PictureDecoder> {
    const codec = Codec.findDecoder(codecId);
    if (!codec) throw new MediaError(MediaErrorCode.CodecNotOpened, 'no decoder for this video');
    const context = new CodecContext();
    context.allocContext3(codec);
    if (parameters) context.parametersToContext(parameters);
    // Threads by picture would hold pictures back.
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    if ((await context.open2(codec, null)) < 0) {
      context.freeContext();
      throw new MediaError(MediaErrorCode.CodecNotOpened, 'the decoder refused to open');
    }
    return new PictureDecoder(context);
  }

  /** Calls back with each picture that this packet completes; broken packets give none. */
  decode(packet: Packet | null, onFrame: (frame: Frame) => void): void {
    if (this.#isClosed) return;
    const sent = this.#context.sendPacketSync(packet);
    if (sent < 0 && sent !== AVERROR_EAGAIN) return;
    this.#isDecoding = true;
    try {
      while (!this.#isClosed && this.#context.receiveFrameSync(this.#frame) >= 0) {
        onFrame(this.#frame);
        this.#frame.unref();
      }
    } finally {
      this.#isDecoding = false;
      if (this.#isClosed) this.#free();
    }
  }

  /** The same for bytes that did not come through a demuxer. */
  decodeBytes(data: Uint8Array, onFrame: (frame: Frame) => void): void {
    const packet = new Packet();
    packet.alloc();
    packet.data = Buffer.from(data);
    this.decode(packet, onFrame);
    packet.free();
  }

  /** Forgets what it knows, before the input starts again from its beginning. */
  flush(): void {
    this.#context.flushBuffers();
  }

  /** Idempotent; may be called from within the callback of `decode`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isDecoding) this.#free();
  }

  #free(): void {
    this.#frame.free();
    this.#context.freeContext();
  }
}
