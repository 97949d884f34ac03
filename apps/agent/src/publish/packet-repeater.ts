import { TokenBucket } from '@longreach/kit';
import {
  canonicalExtensionIds,
  createLeg,
  type Leg,
  rewriteForLeg,
  SendHistory,
  wrapRtx,
} from '@longreach/rtp';
import { payloadTypes } from './track-lines.ts';

/** How a repeater's stream is named. */
export type PacketRepeaterOptions = {
  mid: string;
  rtxSsrc: number;
  /** First sequence number of the retransmission stream, 0 to 65,535. */
  firstSequence: number;
};

/** Packets remembered; a power of two, as in the history. */
const places = 2048;
/** Times that one packet is repeated at most, copies not counted: at half lost, one in 1,000 is lost ten times. */
const maxRepeats = 12;
/** Requests for the same packet within this time are one at least, µs. */
const minGapUs = 5000;
/** Repeats a second of one stream, copies included. */
const repeatsPerSecond = 4000;
const repeatsBurst = 600;

/** Answers NACKs with retransmissions (RFC 4588) of what was sent, within limits. Pure. */
export class PacketRepeater {
  readonly #history = new SendHistory({ packets: places });
  readonly #leg: Leg;
  readonly #bucket = new TokenBucket({ capacity: repeatsBurst, perSecond: repeatsPerSecond });
  readonly #counts = new Uint8Array(places);
  readonly #repeatedUs = new Float64Array(places);
  #sequence: number;
  #repeated = 0;
  #gapUs = minGapUs;

  constructor(options: PacketRepeaterOptions) {
    this.#leg = createLeg({
      payloadType: payloadTypes.rtx,
      ssrc: options.rtxSsrc,
      mid: options.mid,
      extensionIds: canonicalExtensionIds,
    });
    this.#sequence = options.firstSequence & 0xffff;
  }

  /** Repeats given so far, copies included. */
  get repeated(): number {
    return this.#repeated;
  }

  /** A repeat needs so long until the other side can know of it: earlier requests are about the one before, µs. */
  set answerUs(us: number) {
    this.#gapUs = Math.max(minGapUs, us);
  }

  /** Repeats that can still be made before the numbers begin anew. */
  get numbersLeft(): number {
    return 0x10000 - this.#sequence;
  }

  /** Those of `sequences` that may be repeated now. */
  due(sequences: readonly number[], nowUs: number): number[] {
    return sequences.filter((sequence) => this.#isDue(sequence, nowUs));
  }

  /** Remembers a packet that was sent. */
  remember(sequence: number, timestamp: number, packet: Buffer, nowUs: number): void {
    this.#history.insert(sequence, timestamp, packet, nowUs);
    this.#counts[sequence % places] = 0;
    this.#repeatedUs[sequence % places] = Number.NEGATIVE_INFINITY;
  }

  /**
   * `copies` retransmissions of each of `sequences`, but for those that are unknown, too old or asked for too often.
   * All are given once before any is given again: what loses packets in a row then leaves one copy.
   */
  repeatAll(sequences: readonly number[], copies: number, nowUs: number): Buffer[] {
    const granted = sequences.filter((sequence) => this.#mayRepeat(sequence, nowUs));
    const repeats: Buffer[] = [];
    for (let copy = 0; copy < copies; copy++) {
      for (const sequence of granted) {
        const isPaid = copy === 0 || this.#bucket.take(1, nowUs);
        const repeat = isPaid ? this.sign(sequence, nowUs) : undefined;
        if (repeat) repeats.push(repeat);
      }
    }
    this.#repeated += repeats.length;
    return repeats;
  }

  /** A retransmission that nobody asked for; undefined when the packet is not known any more. */
  sign(sequence: number, nowUs: number): Buffer | undefined {
    const packet = this.#history.get(sequence, nowUs);
    if (!packet) return undefined;
    const bytes = wrapRtx(packet, sequence);
    rewriteForLeg(bytes, this.#leg, this.#sequence, this.#history.timestampOf(sequence), 0);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return bytes;
  }

  #isDue(sequence: number, nowUs: number): boolean {
    const place = sequence % places;
    if (this.#history.get(sequence, nowUs) === undefined) return false;
    if ((this.#counts[place] as number) >= maxRepeats) return false;
    return nowUs - (this.#repeatedUs[place] as number) >= this.#gapUs;
  }

  #mayRepeat(sequence: number, nowUs: number): boolean {
    if (!this.#isDue(sequence, nowUs) || !this.#bucket.take(1, nowUs)) return false;
    const place = sequence % places;
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#repeatedUs[place] = nowUs;
    return true;
  }
}
