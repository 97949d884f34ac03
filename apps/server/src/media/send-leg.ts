import { TokenBucket } from '@longreach/kit';
import { requestGapUs, TransportSequence } from '@longreach/rtp';
import type { ForwardDelays } from './forward-delays.ts';

/** How much is sent beside each packet against loss. */
export type Redundancy = {
  parityFor(sources: number): number;
  readonly copies: number;
  /** Mean length of loss runs, packets. */
  readonly burstPackets: number;
};

/** Why a packet is sent: pictures or sound at first, against losses, again, to see whether the link carries more, or for messages. */
export type SendPurpose = 'media' | 'audio' | 'parity' | 'repeat' | 'probe' | 'message';

/** Bytes of RTP by purpose. */
export type SentBytes = Record<SendPurpose, number>;

/** Told of each packet under its transport-wide sequence just before it is sent. */
export type SentListener = (transportSequence: number, bytes: number, nowUs: number) => void;

/** Copies of a request come at least within this time, µs. */
const leastRepeatGapUs = 5_000;
/** What repeats may take while nothing is known of the link, bit/s, and so long a time's worth at once, s. */
const unknownRepeatBps = 10_000_000;
const repeatBurstS = 0.3;

/** The sending side of one peer connection: numbers all its packets together and counts their bytes. */
export class SendLeg {
  readonly sent: SentBytes = {
    media: 0,
    audio: 0,
    parity: 0,
    repeat: 0,
    probe: 0,
    message: 0,
  };
  #redundancy: Redundancy | undefined;
  /** What may leave beyond a few packets at once, bit/s. */
  paceBps = Number.POSITIVE_INFINITY;
  /** Packets wait on the way to the receiver. */
  hasQueue = false;
  /** Requests for one packet within this time are copies of one request, µs. */
  repeatGapUs = leastRepeatGapUs;
  readonly #repeats = new TokenBucket(repeatRate(unknownRepeatBps));
  readonly #sequence = new TransportSequence();
  #onSent: SentListener | undefined;
  #delays: ForwardDelays | undefined;

  /** Tells `listener` of every packet from now on. */
  onSent(listener: SentListener): void {
    this.#onSent = listener;
  }

  /** Notes how long packets took from their arrival on. */
  measureBy(delays: ForwardDelays): void {
    this.#delays = delays;
  }

  /** A packet of media that arrived at `arrivedUs` was handed out just now. Runs for every packet. */
  noteForwarded(arrivedUs: number): void {
    this.#delays?.note(arrivedUs);
  }

  /** Sends as much against loss as `redundancy` says from now on; nothing before. */
  protectBy(redundancy: Redundancy): void {
    this.#redundancy = redundancy;
  }

  /** Packets that one repeat is made of; more than one when so much gets lost that repeats do, too. */
  get copies(): number {
    return this.hasQueue ? 1 : (this.#redundancy?.copies ?? 1);
  }

  /** Takes the time that packets and their answers need now, µs. */
  setRoundTripUs(roundTripUs: number): void {
    const gapUs = this.hasQueue ? roundTripUs : requestGapUs(roundTripUs);
    this.repeatGapUs = Math.max(leastRepeatGapUs, gapUs);
  }

  /** Bounds what repeats may take, bit/s. */
  limitRepeats(bitrateBps: number): void {
    this.#repeats.setRate(repeatRate(bitrateBps));
  }

  /** Whether a repeat of so many bytes may be sent; counts it if so. */
  takeRepeat(bytes: number, nowUs: number): boolean {
    return this.#repeats.take(bytes, nowUs);
  }

  /** Parity packets for a block of so many packets. */
  parityFor(sources: number): number {
    return this.#redundancy?.parityFor(sources) ?? 0;
  }

  /** Mean length of loss runs, packets; 1 while nothing is known. */
  get burstPackets(): number {
    return this.#redundancy?.burstPackets ?? 1;
  }

  /** The transport-wide sequence of the packet that is sent now. Runs for every packet. */
  take(purpose: SendPurpose, bytes: number, nowUs: number): number {
    const transportSequence = this.#sequence.take();
    this.sent[purpose] += bytes;
    this.#onSent?.(transportSequence, bytes, nowUs);
    return transportSequence;
  }
}

/** In bytes. */
function repeatRate(bitrateBps: number): { capacity: number; perSecond: number } {
  return { capacity: (bitrateBps / 8) * repeatBurstS, perSecond: bitrateBps / 8 };
}
