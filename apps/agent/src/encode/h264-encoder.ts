import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, type Frame, Packet, Rational } from 'node-av/lib';
import { MediaError, MediaErrorCode } from '../capture/errors.ts';
import { RateTrim } from './rate-trim.ts';

/** Options of an H.264 encoder; all but the size may change while it runs. */
export type H264EncoderOptions = {
  width: number;
  height: number;
  fps: number;
  bitrateBps: number;
};

/** What the encoder made of one picture: Annex B, with parameter sets before each key frame. `data` is a copy. */
export type H264Picture = { data: Buffer; key: boolean };

/** Name of the codec that does the work. */
export const h264EncoderName = FF_ENCODER_LIBX264;

/** Rate buffer, ms of the bitrate: two to three pictures, so that none waits long behind a big one. */
const rateBufferMs = 85;
/** Never less, bits a pixel: a key frame with less shows nothing, and starves the pictures after it. */
const leastBufferBitsPerPixel = 0.06;
/** Better than this nobody sees, but the network would have to carry it. */
const bestQuantiser = 16;
/** From this size on two slices in two threads save a millisecond; below they only cost wake-ups. */
const twoThreadPixels = 900 * 500;
/** 720p30 in macroblocks a second: what level 3.1 carries. */
const level31MacroblocksPerSecond = 108_000;

/**
 * libx264 with one picture in, one out: constrained baseline, no B pictures, key frames only when asked for.
 * Encoding is synchronous (2 to 3 ms for 720p): the hop to a thread pool and back costs more than it frees.
 */
export class H264Encoder {
  readonly #context: CodecContext;
  readonly #packet: Packet;
  /** The rate control counts pictures, it believes in this rate. */
  readonly #nominalFps: number;
  #fps: number;
  #bitrateBps: number;
  readonly #trim = new RateTrim();
  #pictures = 0n;
  #wantsKey = true;

  private constructor(context: CodecContext, options: H264EncoderOptions) {
    this.#context = context;
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#nominalFps = options.fps;
    this.#fps = options.fps;
    this.#bitrateBps = options.bitrateBps;
    this.#trim.setTarget(options.bitrateBps / 8 / options.fps);
  }

  /** Opens an encoder (5 to 20 ms). Throws MediaError. */
  static async open(options: H264EncoderOptions): Promise<H264Encoder> {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (!codec) throw new MediaError(MediaErrorCode.CodecNotOpened, 'libx264 is missing');
    const context = new CodecContext();
    context.allocContext3(codec);
    configure(context, options);
    const result = await context.open2(codec, Dictionary.fromObject(x264Options(options)));
    if (result < 0) {
      context.freeContext();
      throw new MediaError(MediaErrorCode.CodecNotOpened, 'the H.264 encoder refused to open', {
        details: { ...options, result },
      });
    }
    return new H264Encoder(context, options);
  }

  /** The next picture becomes a key frame. */
  requestKeyFrame(): void {
    this.#wantsKey = true;
  }

  /** Changes bitrate (bit/s) and rate of the pictures; no key frame is needed. */
  setRate(rate: { bitrateBps?: number | undefined; fps?: number | undefined }): void {
    this.#bitrateBps = rate.bitrateBps ?? this.#bitrateBps;
    this.#fps = rate.fps ?? this.#fps;
    this.#trim.setTarget(this.#bitrateBps / 8 / this.#fps);
    this.#applyRate();
  }

  /** Encodes one 4:2:0 picture of the right size. Throws MediaError when the codec fails. */
  encode(frame: Frame): H264Picture {
    frame.pts = this.#pictures++;
    frame.pictType = this.#wantsKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const sent = this.#context.sendFrameSync(frame);
    const received = sent < 0 ? sent : this.#context.receivePacketSync(this.#packet);
    const data = this.#packet.data;
    if (received < 0 || !data) {
      throw new MediaError(MediaErrorCode.CodecNotOpened, 'the H.264 encoder failed', {
        details: { result: received },
      });
    }
    const picture = { data: Buffer.from(data), key: this.#packet.isKeyframe };
    this.#packet.unref();
    this.#wantsKey = false;
    if (this.#trim.handlePicture(picture.data.length)) this.#applyRate();
    return picture;
  }

  /** Idempotent. */
  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #applyRate(): void {
    // x264 cannot change its frame rate; at half the pictures each one may have twice the bits.
    const nominalBps = (this.#bitrateBps * this.#nominalFps) / this.#fps;
    const trimmedBps = BigInt(Math.round(nominalBps * this.#trim.factor));
    this.#context.bitRate = trimmedBps;
    this.#context.rcMaxRate = trimmedBps;
    const { width, height } = this.#context;
    this.#context.rcBufferSize = rateBufferBits(nominalBps, width * height);
  }
}

function configure(context: CodecContext, options: H264EncoderOptions): void {
  context.width = options.width;
  context.height = options.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  const rate = rationalOf(options.fps);
  context.timeBase = new Rational(rate.den, rate.num);
  context.framerate = new Rational(rate.num, rate.den);
  context.bitRate = BigInt(Math.round(options.bitrateBps));
  context.rcMaxRate = BigInt(Math.round(options.bitrateBps));
  context.rcBufferSize = rateBufferBits(options.bitrateBps, options.width * options.height);
  context.maxBFrames = 0;
  context.threadCount = options.width * options.height >= twoThreadPixels ? 2 : 1;
  context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
  // Said in the stream: a player would guess by the picture's size, and guess differently for each.
  context.colorSpace = AVCOL_SPC_BT709;
  context.colorPrimaries = AVCOL_PRI_BT709;
  context.colorTrc = AVCOL_TRC_BT709;
  context.colorRange = AVCOL_RANGE_MPEG;
}

function x264Options(options: H264EncoderOptions): Record<string, string> {
  const macroblocks = Math.ceil(options.width / 16) * Math.ceil(options.height / 16);
  const fitsLevel31 = macroblocks * options.fps <= level31MacroblocksPerSecond;
  const threads = options.width * options.height >= twoThreadPixels ? 2 : 1;
  const parameters = [
    'keyint=infinite',
    'min-keyint=1',
    'scenecut=0',
    'annexb=1',
    'repeat-headers=1',
    `qpmin=${bestQuantiser}`,
    // The rate control's own look at the picture takes 1.3 of 3.4 ms at 720p unless it is shared as well.
    `lookahead-threads=${threads}`,
    'log=-1',
  ];
  return {
    preset: 'ultrafast',
    tune: 'zerolatency',
    profile: 'baseline',
    'forced-idr': '1',
    ...(fitsLevel31 ? { level: '3.1' } : {}),
    'x264-params': parameters.join(':'),
  };
}

function rateBufferBits(bitrateBps: number, pixels: number): number {
  return Math.round(Math.max((bitrateBps * rateBufferMs) / 1000, leastBufferBitsPerPixel * pixels));
}

/** 30 → 30/1, 29.97 → 30000/1001, others in thousandths. */
function rationalOf(fps: number): { num: number; den: number } {
  if (Number.isInteger(fps)) return { num: fps, den: 1 };
  const ntsc = Math.round(fps) * 1000;
  if (Math.abs(ntsc / 1001 - fps) < 0.005) return { num: ntsc, den: 1001 };
  return { num: Math.round(fps * 1000), den: 1000 };
}
