import { randomInt } from 'node:crypto';
import type { MediaType } from '@longreach/protocol';
import {
  buildExtendedReport,
  buildSenderReport,
  compactNtp,
  createLeg,
  type ExtendedReport,
  type Leg,
  ntpFromUs,
  opusClockRate,
  rewriteForLeg,
  videoClockRate,
  wrapRtx,
} from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import type { NegotiatedMedia, SendSsrcs } from './answer-lines.ts';
import { FlexFecSender } from './flexfec-sender.ts';
import type { SendLeg, SendPurpose } from './send-leg.ts';
import type { SlotOutlet } from './slot-outlet.ts';

export type RtpOutletOptions = {
  mediaType: MediaType;
  track: MediaTrack;
  negotiated: NegotiatedMedia;
  ssrcs: SendSsrcs;
  leg: SendLeg;
};

/** An m-line of its own: packets are rewritten in place for its leg, repeats go over RTX (RFC 4588). */
export class RtpOutlet implements SlotOutlet {
  readonly ssrc: number;
  readonly #track: MediaTrack;
  readonly #sendLeg: SendLeg;
  readonly #leg: Leg;
  readonly #rtxLeg: Leg | undefined;
  readonly #flexFec: FlexFecSender | undefined;
  readonly #clockRate: number;
  readonly #purpose: SendPurpose;
  #rtxSequence = randomInt(0x10000);
  #packets = 0;
  #payloadBytes = 0;
  #lastTimestamp = 0;
  #lastSentUs = 0;

  constructor({ mediaType, track, negotiated, ssrcs, leg }: RtpOutletOptions) {
    this.ssrc = ssrcs.primary;
    this.#track = track;
    this.#sendLeg = leg;
    this.#clockRate = mediaType === 'video' ? videoClockRate : opusClockRate;
    this.#purpose = mediaType === 'video' ? 'media' : 'audio';
    const { payloadType, rtxPayloadType, mid, extensions } = negotiated;
    const extensionIds = {
      mid: extensions.mid,
      transportSequence: extensions.transportSequence,
      playoutDelay: extensions.playoutDelay,
      absCaptureTime: extensions.absoluteCaptureTime,
    };
    this.#leg = createLeg({ payloadType, ssrc: ssrcs.primary, mid, extensionIds });
    if (rtxPayloadType !== 0 && ssrcs.rtx !== undefined) {
      const rtx = { payloadType: rtxPayloadType, ssrc: ssrcs.rtx };
      this.#rtxLeg = createLeg({ ...rtx, mid, extensionIds });
    }
    if (ssrcs.fec !== undefined) {
      const fec = { payloadType: negotiated.flexFecPayloadType, ssrc: ssrcs.fec };
      const rtp = { ...fec, mid, extensionIds };
      this.#flexFec = new FlexFecSender({ track, leg, mediaSsrc: this.ssrc, rtp });
    }
  }

  onOpen(listener: () => void): void {
    this.#track.onOpen(listener);
  }

  send(packet: Uint8Array, sequence: number, timestamp: number, nowUs: number): boolean {
    const transportSequence = this.#sendLeg.take(this.#purpose, packet.length, nowUs);
    rewriteForLeg(packet, this.#leg, sequence, timestamp, transportSequence);
    if (!this.#track.send(packet)) return false;
    this.#sendLeg.noteForwarded(nowUs);
    this.#packets += 1;
    this.#payloadBytes += packet.length;
    this.#lastTimestamp = timestamp;
    this.#lastSentUs = nowUs;
    this.#flexFec?.handleSent(packet, timestamp, nowUs);
    return true;
  }

  repeat(
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    purpose: SendPurpose,
    nowUs: number,
  ): boolean {
    const transportSequence = this.#sendLeg.take(purpose, packet.length, nowUs);
    if (!this.#rtxLeg) {
      rewriteForLeg(packet, this.#leg, sequence, timestamp, transportSequence);
      return this.#track.send(packet);
    }
    const repeat = wrapRtx(packet, sequence);
    rewriteForLeg(repeat, this.#rtxLeg, this.#rtxSequence, timestamp, transportSequence);
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    return this.#track.send(repeat);
  }

  /** A browser does not know this code; see FlexFecSender for what it gets. */
  protect(): void {}

  /** Lets the receiver learn its round trip (RFC 3611 section 4.5), by which it paces its requests. */
  answerReference(report: ExtendedReport): void {
    if (!report.referenceTime) return;
    const lastRr = compactNtp(report.referenceTime);
    const echo = { ssrc: report.ssrc, lastRr, delaySinceLastRr: 0 };
    this.#track.send(buildExtendedReport(this.ssrc, { echoes: [echo] }));
  }

  /** Sends a sender report (RFC 3550 section 6.4.1) once something was sent. */
  report(nowUs: number, wallTimeUs: number): void {
    if (this.#packets === 0) return;
    const elapsedTicks = Math.round(((nowUs - this.#lastSentUs) * this.#clockRate) / 1_000_000);
    this.#track.send(
      buildSenderReport(this.ssrc, {
        ntp: ntpFromUs(wallTimeUs),
        rtpTimestamp: (this.#lastTimestamp + elapsedTicks) >>> 0,
        packets: this.#packets,
        payloadBytes: this.#payloadBytes,
      }),
    );
  }
}
