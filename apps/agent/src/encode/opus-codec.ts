import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_SAMPLE_FMT_FLT,
  FF_DECODER_LIBOPUS,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';
import { MediaError, MediaErrorCode } from '../capture/errors.ts';
import { sampleRate } from './engine-sound.ts';

/** Samples of one Opus packet: 20 ms at 48 kHz. */
export const opusFrameSamples = 960;
const opusBitrateBps = 32_000;

/** libopus, mono, 20 ms a packet. */
export class OpusEncoder {
  readonly #context: CodecContext;
  readonly #frame: Frame;
  readonly #packet: Packet;
  readonly #samples: Buffer;
  #position = 0n;

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#frame = new Frame();
    this.#frame.alloc();
    this.#frame.format = AV_SAMPLE_FMT_FLT;
    this.#frame.sampleRate = sampleRate;
    this.#frame.nbSamples = opusFrameSamples;
    this.#frame.channelLayout = AV_CHANNEL_LAYOUT_MONO;
    const result = this.#frame.allocBuffer();
    const memory = this.#frame.data?.[0];
    if (result < 0 || !memory) throw new MediaError(MediaErrorCode.CodecNotOpened, 'no memory');
    this.#samples = memory;
  }

  /** Opens an encoder. Throws MediaError. */
  static async open(): Promise<OpusEncoder> {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS);
    if (!codec) throw new MediaError(MediaErrorCode.CodecNotOpened, 'libopus is missing');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleFormat = AV_SAMPLE_FMT_FLT;
    context.sampleRate = sampleRate;
    context.channelLayout = AV_CHANNEL_LAYOUT_MONO;
    context.timeBase = new Rational(1, sampleRate);
    context.bitRate = BigInt(opusBitrateBps);
    const options = { application: 'lowdelay', frame_duration: '20', vbr: 'on' };
    const result = await context.open2(codec, Dictionary.fromObject(options));
    if (result < 0) {
      context.freeContext();
      throw new MediaError(MediaErrorCode.CodecNotOpened, 'the Opus encoder refused to open', {
        details: { result },
      });
    }
    return new OpusEncoder(context);
  }

  /** Encodes `opusFrameSamples` samples; undefined while the encoder still wants more. */
  encode(samples: Float32Array): Buffer | undefined {
    // libopus may still hold the last block's memory.
    if (!this.#frame.isWritable) this.#frame.makeWritable();
    const memory = this.#frame.data?.[0] ?? this.#samples;
    Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).copy(memory);
    this.#frame.pts = this.#position;
    this.#position += BigInt(opusFrameSamples);
    if (this.#context.sendFrameSync(this.#frame) < 0) return undefined;
    if (this.#context.receivePacketSync(this.#packet) < 0) return undefined;
    const data = this.#packet.data ? Buffer.from(this.#packet.data) : undefined;
    this.#packet.unref();
    return data;
  }

  /** Idempotent. */
  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}

/** Decodes Opus packets to mono samples at 48 kHz. */
export class OpusDecoder {
  readonly #context: CodecContext;
  readonly #frame: Frame;
  readonly #packet: Packet;

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#frame = new Frame();
    this.#frame.alloc();
    this.#packet = new Packet();
    this.#packet.alloc();
  }

  /** Opens a decoder. Throws MediaError. */
  static async open(): Promise<OpusDecoder> {
    const codec = Codec.findDecoderByName(FF_DECODER_LIBOPUS);
    if (!codec) throw new MediaError(MediaErrorCode.CodecNotOpened, 'libopus is missing');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = sampleRate;
    context.channelLayout = AV_CHANNEL_LAYOUT_MONO;
    context.sampleFormat = AV_SAMPLE_FMT_FLT;
    const result = await context.open2(codec, null);
    if (result < 0) {
      context.freeContext();
      throw new MediaError(MediaErrorCode.CodecNotOpened, 'the Opus decoder refused to open', {
        details: { result },
      });
    }
    return new OpusDecoder(context);
  }

  /** Samples (16 bit, mono) of one packet, or undefined for bytes that are no Opus. */
  decode(data: Uint8Array): Int16Array | undefined {
    this.#packet.data = Buffer.from(data);
    const sent = this.#context.sendPacketSync(this.#packet);
    this.#packet.unref();
    if (sent < 0 || this.#context.receiveFrameSync(this.#frame) < 0) return undefined;
    const samples = monoSamples(this.#frame);
    this.#frame.unref();
    return samples;
  }

  /** Idempotent. */
  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}

function monoSamples(frame: Frame): Int16Array {
  const memory = frame.data?.[0];
  const count = frame.nbSamples;
  const channels = frame.channels;
  const samples = new Int16Array(count);
  if (!memory) return samples;
  const isFloat = frame.format === AV_SAMPLE_FMT_FLT;
  for (let i = 0; i < count; i++) {
    const at = i * channels;
    const value = isFloat ? memory.readFloatLE(at * 4) * 32767 : memory.readInt16LE(at * 2);
    samples[i] = Math.max(-32768, Math.min(32767, Math.round(value)));
  }
  return samples;
}
