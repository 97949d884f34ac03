import { type DataChannelLabel, dataChannels, datagramHeaderBytes } from '@longreach/protocol';
import { readSsrc } from '@longreach/rtp/receive';
import { StallMeter } from '../diagnosis/stall-meter.ts';
import type { WorkerMessage } from './datagram-messages.ts';
import { DatagramSlot } from './datagram-slot.ts';
import { type PictureDecoderHandlers, WebCodecsDecoder } from './picture-decoder.ts';
import { type EncodedSound, ReturnSender } from './return-sender.ts';
import type { Screen } from './screen.ts';
import { WorkerMessages } from './worker-messages.ts';

export type WorkerConnectionOptions = {
  /** Counted up over the connections of a worker. */
  id: number;
  screenOf: (place: number) => Screen<VideoFrame> | undefined;
  /** Tells the page. */
  post: (message: WorkerMessage, transfer?: Transferable[]) => void;
};

type Slot = DatagramSlot<VideoFrame>;

/** RTP packets begin with a version, packets of messages with something smaller (RFC 7983). */
const leastRtpByte = 0x80;

function nowUs(): number {
  return performance.now() * 1000;
}

/** One connection in the datagram worker: its m-line's packets in, pictures, messages and requests out. */
export class WorkerConnection {
  readonly #options: WorkerConnectionOptions;
  readonly #slots: Array<Slot | undefined> = [];
  readonly #messages: WorkerMessages;
  readonly #stalls = new StallMeter();
  #returnSender: ReturnSender | undefined;
  #isReturnOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerUs = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(options: WorkerConnectionOptions) {
    this.#options = options;
    this.#messages = new WorkerMessages({
      nowUs,
      sendPacket: (packet) => this.#sendPacket(packet),
      onMessage: (label, bytes) => {
        if (!Object.hasOwn(dataChannels, label)) return;
        const own = bytes.slice();
        const message = { type: 'message', label: label as DataChannelLabel, bytes: own } as const;
        options.post(message, [own.buffer]);
      },
      onWaiting: (bytes) => options.post({ type: 'waiting', bytes }),
    });
  }

  addSlot(place: number, minDelayMs: number): void {
    const { id, post, screenOf } = this.#options;
    const screen = screenOf(place);
    if (!screen) return;
    this.#slots[place] = new DatagramSlot<VideoFrame>({
      place,
      ticks: screen.ticks,
      minDelayUs: minDelayMs * 1000,
      nowUs,
      createDecoder: (handlers, attempt) => this.#createDecoder(place, handlers, attempt),
      show: (picture) => screen.show(id, picture),
      onFirstPicture: () => post({ type: 'pictureArrived', place }),
      onFailed: (reason) => this.#fail(reason),
    });
    this.#updateCanAsk();
  }

  /** Sound that is written here makes the packets of the way back. */
  setReturnSound(sound: WritableStream<AudioData>): void {
    this.#returnSender = new ReturnSender(sound);
  }

  /** The server takes messages inside the m-line. */
  openReturn(): void {
    this.#isReturnOpen = true;
    this.#updateCanAsk();
  }

  sendMessage(label: DataChannelLabel, bytes: Uint8Array): void {
    this.#messages.send(label, bytes);
  }

  /** One packet of the m-line came. */
  handlePacket(data: ArrayBuffer): void {
    if (this.#closed) return;
    const packet = new Uint8Array(data);
    if ((packet[0] as number) < leastRtpByte) {
      this.#messages.handlePacket(packet);
      const { roundTripUs } = this.#messages;
      if (roundTripUs === undefined) return;
      for (const slot of this.#slots) slot?.setRoundTripUs(roundTripUs);
      return;
    }
    const slot = packet.length > datagramHeaderBytes ? this.#slots[readSsrc(packet)] : undefined;
    if (!slot) return;
    const now = nowUs();
    slot.handlePacket(packet, now);
    this.#settle(slot, now);
  }

  /** Puts a packet into a frame that is about to leave; false when there is none and the frame is not to be sent. */
  fillFrame(frame: EncodedSound): boolean {
    return this.#returnSender?.fill(frame) ?? false;
  }

  /** The thread is alive; many times a second. */
  noteAlive(): void {
    this.#stalls.handleTick(performance.now());
  }

  /** Looks whether pictures come at all; once or twice a second. */
  checkPictures(): void {
    for (const slot of this.#slots) slot?.checkPictures(nowUs());
  }

  tellCounters(): void {
    const slots = this.#slots.map((slot) => slot?.readCounters());
    const waiting = this.#slots.map((slot) => slot?.waitingPictures);
    const longestStallMs = this.#stalls.take(performance.now());
    const { isLossy } = this.#messages;
    this.#options.post({ type: 'counters', slots, isLossy, waiting, longestStallMs });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#messages.close();
    for (const slot of this.#slots) slot?.close();
  }

  #sendPacket(packet: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#isReturnOpen || !this.#returnSender) return false;
    this.#returnSender.send(packet);
    return true;
  }

  /** What is to be asked for waits for the answer. */
  #updateCanAsk(): void {
    for (const slot of this.#slots) if (slot) slot.canAsk = this.#isReturnOpen;
    if (this.#isReturnOpen) this.#handleTimer();
  }

  #createDecoder(
    place: number,
    { onPicture, onError }: PictureDecoderHandlers<VideoFrame>,
    attempt: number,
  ): WebCodecsDecoder {
    const settling =
      <Given>(handle: (given: Given) => void) =>
      (given: Given) => {
        handle(given);
        this.#settle(this.#slots[place], nowUs());
      };
    const handlers = { onPicture: settling(onPicture), onError: settling(onError) };
    // What failed once may have been the machine's special hardware.
    return new WebCodecsDecoder(handlers, attempt === 0 ? 'no-preference' : 'prefer-software');
  }

  #fail(reason: string): void {
    for (const slot of this.#slots) slot?.close();
    this.#options.post({ type: 'failed', reason });
  }

  /** Sends what is due and sets the timer for what is not yet. */
  #settle(slot: Slot | undefined, now: number): void {
    if (!slot || this.#closed) return;
    const bytes = slot.takeFeedback(now);
    if (bytes) this.#messages.send('feedback', bytes);
    const deadlineUs = slot.nextDeadlineUs;
    if (deadlineUs < this.#timerUs) this.#setTimer(deadlineUs, now);
  }

  #setTimer(deadlineUs: number, now: number): void {
    clearTimeout(this.#timer);
    this.#timerUs = deadlineUs;
    this.#timer = setTimeout(() => this.#handleTimer(), Math.max(0, deadlineUs - now) / 1000);
  }

  #handleTimer(): void {
    clearTimeout(this.#timer);
    this.#timerUs = Number.POSITIVE_INFINITY;
    const now = nowUs();
    for (const slot of this.#slots) {
      slot?.tick(now);
      this.#settle(slot, now);
    }
  }
}
