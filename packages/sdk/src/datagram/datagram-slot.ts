import { datagramHeaderBytes, datagramPayloadTypes } from '@longreach/protocol';
import {
  type AssembledFrame,
  buildNack,
  buildPli,
  FrameAssembler,
  KeyFrameRequests,
  PlayoutTiming,
  RepairReceiver,
  readMarker,
  readPayloadType,
  readSequence,
  readTimestamp,
} from '@longreach/rtp/receive';
import type { SlotCounters } from './datagram-messages.ts';
import { frameTimestampOf, type TickCounter } from './media-time.ts';
import type { DecodedPicture, PictureDecoder, PictureDecoderHandlers } from './picture-decoder.ts';
import { PictureQueue } from './picture-queue.ts';
import { SlotStatistics } from './slot-statistics.ts';

export type DatagramSlotOptions<Picture extends DecodedPicture> = {
  /** SSRC of the packets. */
  place: number;
  /** Counts the timestamps of pictures on. */
  ticks: TickCounter;
  /** Each picture is held back at least this long, µs; 0 for low latency. */
  minDelayUs: number;
  nowUs: () => number;
  /** `attempt` counts from 0; a later one may choose another way of decoding. */
  createDecoder: (handlers: PictureDecoderHandlers<Picture>, attempt: number) => PictureDecoder;
  /** Takes the picture over; says whether it is shown. */
  show: (picture: Picture) => boolean;
  /** The first one is shown. */
  onFirstPicture: () => void;
  /** Pictures cannot be shown this way. */
  onFailed: (reason: string) => void;
};

type Pending = AssembledFrame & { dueUs: number; targetUs: number; decodeUs: number };
type Shown = Pending & { decodedUs: number };

/** SSRC under which the player gives feedback. */
const senderSsrc = 1;
/** A whole frame was decoded and brings no picture for this long: this way of showing does not work, µs. */
const firstPictureUs = 3_000_000;
/** Packets of which no whole frame comes: most often the network's fault, which another player would share, µs. */
const firstFrameUs = 12_000_000;
/** So many decoders that failed, with no picture in between, are a decoder that cannot. */
const maxDecoderFailures = 3;
/** Pictures that a decoder may be behind; then it begins anew with a key frame. */
const maxPending = 30;
/** A second request for a key frame in case the first is lost, µs after it. */
const pliCopyUs = 40_000;

/** One video slot of the datagram player: packets in, pictures and requests out. Pure but for `nowUs`. Rules D5 to D12. */
export class DatagramSlot<Picture extends DecodedPicture> {
  /** Whether requests can leave; those that are due wait until they can. */
  canAsk = true;
  readonly #options: DatagramSlotOptions<Picture>;
  readonly #repair = new RepairReceiver();
  readonly #assembler = new FrameAssembler();
  readonly #timing: PlayoutTiming;
  readonly #keyFrames = new KeyFrameRequests();
  readonly #statistics = new SlotStatistics();
  readonly #queue = new PictureQueue<Picture>();
  /** By timestamp of their `VideoFrame`. */
  readonly #pending = new Map<number, Pending>();
  readonly #shown = new Map<number, Shown>();
  #decoder: PictureDecoder;
  #decoderAttempts = 0;
  #failures = 0;
  #firstPacketUs: number | undefined;
  #firstFrameUs: number | undefined;
  #hasPicture = false;
  #isOnScreen = false;
  #pliCopyUs: number | undefined;
  #closed = false;

  constructor(options: DatagramSlotOptions<Picture>) {
    this.#options = options;
    this.#timing = new PlayoutTiming({ minDelayUs: options.minDelayUs });
    this.#decoder = this.#createDecoder();
  }

  /** When `tick` and `takeFeedback` should be called, µs; infinite while nothing is to be done. */
  get nextDeadlineUs(): number {
    const shownUs = this.#queue.nextDueUs ?? Number.POSITIVE_INFINITY;
    if (!this.canAsk) return shownUs;
    return Math.min(
      shownUs,
      this.#repair.nextDeadlineUs ?? Number.POSITIVE_INFINITY,
      this.#keyFrames.nextDeadlineUs ?? Number.POSITIVE_INFINITY,
      this.#pliCopyUs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** One packet from inside the datagram m-line; bytes may come from anybody. */
  handlePacket(packet: Uint8Array, nowUs: number): void {
    if (this.#closed || packet.length <= datagramHeaderBytes) return;
    this.#firstPacketUs ??= nowUs;
    const payload = packet.subarray(datagramHeaderBytes);
    const timestamp = readTimestamp(packet);
    const type = readPayloadType(packet);
    this.#statistics.handleBytes(payload.length);
    if (type === datagramPayloadTypes.fec) {
      this.#takeAll(this.#repair.handleFec(payload, timestamp, nowUs), nowUs);
    } else if (type === datagramPayloadTypes.media) {
      this.#handleMedia(readSequence(packet), timestamp, readMarker(packet), payload, nowUs);
    }
  }

  /** Requests that are due now as one compound RTCP packet. */
  takeFeedback(nowUs: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#closed || !this.canAsk) return undefined;
    const { place } = this.#options;
    const lost = this.#repair.takeDue(nowUs);
    const isNeeded = this.#repair.takeKeyFrameNeeded() || this.#assembler.takeKeyFrameNeeded();
    if (isNeeded) this.#keyFrames.handleWish(nowUs);
    const nack = lost.length > 0 ? buildNack(senderSsrc, place, lost) : undefined;
    if (nack) this.#statistics.handleNack(lost);
    const pli = this.#isKeyFrameDue(nowUs) ? buildPli(senderSsrc, place) : undefined;
    if (pli) this.#statistics.handlePli();
    return nack && pli ? concatenated(nack, pli) : (nack ?? pli);
  }

  /** Shows what is due. */
  tick(nowUs: number): void {
    for (let next = this.#queue.takeDue(nowUs); next; next = this.#queue.takeDue(nowUs)) {
      this.#show(next, nowUs);
    }
  }

  /** Looks whether pictures come at all; once or twice a second. */
  checkPictures(nowUs: number): void {
    if (this.#hasPicture || this.#firstPacketUs === undefined) return;
    const isStuck =
      this.#firstFrameUs === undefined
        ? nowUs - this.#firstPacketUs > firstFrameUs
        : nowUs - this.#firstFrameUs > firstPictureUs;
    if (isStuck) this.#fail('packets came but no picture');
  }

  setRoundTripUs(roundTripUs: number): void {
    this.#repair.setRoundTripUs(roundTripUs);
  }

  /** Pictures that the decoder was given and has not given back. */
  get waitingPictures(): number {
    return this.#pending.size;
  }

  /** Counters under the names of an `inbound-rtp` entry. */
  readCounters(): SlotCounters {
    return this.#statistics.read();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#decoder.close();
    this.#queue.clear();
    this.#pending.clear();
  }

  #handleMedia(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): void {
    const recovered = this.#repair.handleMedia(sequence, timestamp, marker, payload, nowUs);
    if (!this.#repair.wasDuplicate) {
      this.#statistics.handleMedia(sequence, timestamp, nowUs);
      this.#take(sequence, timestamp, marker, payload, nowUs);
    }
    this.#takeAll(recovered, nowUs);
  }

  #takeAll(packets: ReturnType<RepairReceiver['handleFec']>, nowUs: number): void {
    for (const { sequence, timestamp, marker, payload } of packets) {
      this.#take(sequence, timestamp, marker, payload, nowUs);
    }
  }

  #take(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): void {
    const assembler = this.#assembler;
    const frames = assembler.handlePacket(sequence, timestamp, marker, payload, nowUs);
    if (assembler.wasKeyFrameStart) {
      this.#repair.handleKeyFrameStart(sequence);
      this.#keyFrames.handleKeyFrame();
      this.#pliCopyUs = undefined;
    }
    for (const frame of frames) this.#decode(frame, nowUs);
  }

  #decode(frame: AssembledFrame, nowUs: number): void {
    this.#statistics.handleWhole();
    this.#firstFrameUs ??= nowUs;
    const dueUs = this.#timing.handlePicture(frame.timestamp, nowUs);
    const timestamp = frameTimestampOf(this.#options.ticks.count(frame.timestamp));
    if (this.#pending.size >= maxPending) {
      this.#restartDecoder();
      return;
    }
    const targetUs = this.#timing.delayUs;
    this.#pending.set(timestamp, { ...frame, dueUs, targetUs, decodeUs: nowUs });
    this.#decoder.decode(frame, timestamp);
  }

  #handleDecoded(picture: Picture): void {
    const pending = this.#pending.get(picture.timestamp);
    if (this.#closed || !pending) {
      picture.close();
      return;
    }
    const nowUs = this.#options.nowUs();
    this.#pending.delete(picture.timestamp);
    this.#failures = 0;
    this.#shown.set(picture.timestamp, { ...pending, decodedUs: nowUs });
    this.#queue.push(picture, pending.dueUs);
    this.tick(nowUs);
  }

  #show(picture: Picture, nowUs: number): void {
    const { timestamp, displayWidth, displayHeight } = picture;
    const shown = this.#shown.get(timestamp);
    this.#shown.delete(timestamp);
    const isShown = this.#options.show(picture);
    if (shown) {
      const { firstUs, decodeUs, decodedUs, targetUs, key } = shown;
      const times = { firstUs, decodeUs, decodedUs, shownUs: nowUs, targetDelayUs: targetUs };
      this.#statistics.handleShown(times, key, displayWidth, displayHeight);
    }
    this.#hasPicture = true;
    if (!isShown || this.#isOnScreen) return;
    this.#isOnScreen = true;
    this.#options.onFirstPicture();
  }

  #createDecoder(): PictureDecoder {
    const attempt = this.#decoderAttempts++;
    const decoder = this.#options.createDecoder(
      {
        onPicture: (picture) => this.#handleDecoded(picture),
        onError: (error) => {
          if (this.#closed || attempt !== this.#decoderAttempts - 1) return;
          this.#failures++;
          if (this.#failures >= maxDecoderFailures) this.#fail(`decoder: ${error.message}`);
          else this.#restartDecoder();
        },
      },
      attempt,
    );
    return decoder;
  }

  #restartDecoder(): void {
    this.#decoder.close();
    this.#pending.clear();
    this.#assembler.requireKeyFrame();
    this.#decoder = this.#createDecoder();
  }

  #isKeyFrameDue(nowUs: number): boolean {
    if (this.#keyFrames.takeDue(nowUs)) {
      this.#pliCopyUs = nowUs + pliCopyUs;
      return true;
    }
    if (this.#pliCopyUs === undefined || nowUs < this.#pliCopyUs) return false;
    this.#pliCopyUs = undefined;
    return true;
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#options.onFailed(reason);
  }
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
