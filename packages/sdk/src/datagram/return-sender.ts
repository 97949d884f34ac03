import { datagramReturnPacketMs } from '@longreach/protocol';

/** An encoded frame of the sender's transform; its payload is what we put there. */
export type EncodedSound = { data: ArrayBuffer };

const sampleRate = 48_000;
const samples = (sampleRate * datagramReturnPacketMs) / 1000;
/** Packets that may wait for the encoder; older ones are of no use any more. */
const maxWaiting = 16;

/**
 * Sends packets of messages to the media worker inside audio packets: each one costs a packet's worth of silence, whose
 * encoding it replaces. Nothing waits for acknowledgements, as on a data channel, when packets get lost.
 */
export class ReturnSender {
  readonly #sound: WritableStreamDefaultWriter<AudioData>;
  readonly #waiting: ArrayBuffer[] = [];
  #timestampUs = 0;

  constructor(sound: WritableStream<AudioData>) {
    this.#sound = sound.getWriter();
    // The track was stopped: the player is closed.
    this.#sound.closed.catch(() => {});
  }

  /** Sends one packet of messages. */
  send(packet: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(packet.buffer);
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
    this.#writeSilence();
    // A page that stood still may have lost silence: without some more, all that follows would stay late for ever.
    if (this.#waiting.length > 1) this.#writeSilence();
  }

  /** Puts the oldest packet into a frame; false when there is none and the frame is not to be sent. */
  fill(frame: EncodedSound): boolean {
    const payload = this.#waiting.shift();
    if (!payload) return false;
    frame.data = payload;
    return true;
  }

  #writeSilence(): void {
    const silence = new AudioData({
      format: 's16',
      sampleRate,
      numberOfFrames: samples,
      numberOfChannels: 1,
      timestamp: this.#timestampUs,
      data: new Int16Array(samples),
    });
    this.#timestampUs += datagramReturnPacketMs * 1000;
    this.#sound.write(silence).catch(() => silence.close());
  }
}
