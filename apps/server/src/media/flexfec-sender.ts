import { randomInt } from 'node:crypto';
import { createLeg, FlexFecProtector, type Leg, rewriteForLeg } from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import type { SendLeg } from './send-leg.ts';

export type FlexFecSenderOptions = {
  track: MediaTrack;
  leg: SendLeg;
  /** Under which the protected packets are sent. */
  mediaSsrc: number;
  /** How repair packets are named on the wire. */
  rtp: Parameters<typeof createLeg>[0];
};

/**
 * Parity packets for each packet at most, over some frames: a browser asks at once for what is missing, repeats are
 * cheaper. What small frames leave of it is kept for others, up to so many packets.
 */
const maxShare = 0.5;
const maxSaved = 8;

/** Sends FlexFEC-03 over the frames of one m-line, as much as its leg's loss asks for. */
export class FlexFecSender {
  readonly #track: MediaTrack;
  readonly #sendLeg: SendLeg;
  readonly #leg: Leg;
  readonly #protector: FlexFecProtector;
  #sequence = randomInt(0x10000);
  /** Parity packets that the share allows now. */
  #allowed = 1;

  constructor({ track, leg, mediaSsrc, rtp }: FlexFecSenderOptions) {
    this.#track = track;
    this.#sendLeg = leg;
    this.#leg = createLeg(rtp);
    this.#protector = new FlexFecProtector({ mediaSsrc });
  }

  /** A packet was sent for the first time; sends the parity of the frame that it ends. */
  handleSent(packet: Uint8Array, timestamp: number, nowUs: number): void {
    for (const repair of this.#protector.handlePacket(packet, this)) {
      const transportSequence = this.#sendLeg.take('parity', repair.length, nowUs);
      rewriteForLeg(repair, this.#leg, this.#sequence, timestamp, transportSequence);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#track.send(repair);
    }
  }

  /** What the protector asks once for each block: parity packets for so many packets. */
  parityFor(sources: number): number {
    const wanted = this.#sendLeg.parityFor(sources);
    const allowed = Math.min(this.#allowed, maxSaved) + sources * maxShare;
    const parities = Math.min(wanted, Math.floor(allowed));
    this.#allowed = allowed - parities;
    return parities;
  }

  /** What the protector asks: mean length of loss runs. */
  get burstPackets(): number {
    return this.#sendLeg.burstPackets;
  }
}
