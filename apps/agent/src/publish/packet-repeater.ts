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
const places = 1024;
/** Times that one packet is repeated at most. */
const maxRepeats = 8;
/** Requests for the same packet within this time are one, µs. */
const minGapUs = 5000;
/** Repeats a second of one stream. */
const repeatsPerSecond = 2000;
const repeatsBurst = 400;

/** Answers NACKs with retransmissions (RFC 4588) of what was sent, within limits. Pure. */
export class PacketRepeater {
  readonly #history = new SendHistory({ packets: places });
  readonly #leg: Leg;
  readonly #bucket = new TokenBucket({ capacity: repeatsBurst, perSecond: repeatsPerSecond });
  readonly #counts = new Uint8Array(places);
  readonly #repeatedUs = new Float64Array(places);
  #sequence: number;
  #repeated = 0;

  constructor(options: PacketRepeaterOptions) {
    this.#leg = createLeg({
      payloadType: payloadTypes.rtx,
      ssrc: options.rtxSsrc,
      mid: options.mid,
      extensionIds: canonicalExtensionIds,
    });
    this.#sequence = options.firstSequence & 0xffff;
  }

  /** Repeats given so far. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Remembers a packet that was sent. */
  remember(sequence: number, timestamp: number, packet: Buffer, nowUs: number): void {
    this.#history.insert(sequence, timestamp, packet, nowUs);
    this.#counts[sequence % places] = 0;
    this.#repeatedUs[sequence % places] = Number.NEGATIVE_INFINITY;
  }

  /** The retransmission of `sequence`, or undefined when it is unknown, too old, or asked for too often. */
  repeat(sequence: number, transportSequence: () => number, nowUs: number): Buffer | undefined {
    const packet = this.#history.get(sequence, nowUs);
    if (!packet || !this.#mayRepeat(sequence % places, nowUs)) return undefined;
    const bytes = wrapRtx(packet, sequence);
    const timestamp = this.#history.timestampOf(sequence);
    rewriteForLeg(bytes, this.#leg, this.#sequence, timestamp, transportSequence());
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#repeated += 1;
    return bytes;
  }

  #mayRepeat(place: number, nowUs: number): boolean {
    const count = this.#counts[place] as number;
    if (count >= maxRepeats || nowUs - (this.#repeatedUs[place] as number) < minGapUs) return false;
    if (!this.#bucket.take(1, nowUs)) return false;
    this.#counts[place] = count + 1;
    this.#repeatedUs[place] = nowUs;
    return true;
  }
}
