import { writeU16 } from './big-endian.ts';
import type { NtpTime } from './ntp-time.ts';

/** What a receiver says about one stream (RFC 3550 §6.4.1). */
export type ReportBlock = {
  ssrc: number;
  /** Lost since the last report, in 1/256. */
  fractionLost: number;
  /** Signed 24 bits: repeats can make it negative. */
  cumulativeLost: number;
  /** Extended highest sequence received, 32 bits. */
  highestSequence: number;
  /** Interarrival jitter, units of the RTP clock. */
  jitter: number;
  /** Middle 32 bits of the last SR's NTP time; 0 = none yet. */
  lastSr: number;
  /** Since that SR arrived, 1/65,536 s. */
  delaySinceLastSr: number;
};

/** A sender's clock and counters (RFC 3550 §6.4.1). */
export type SenderInfo = {
  ntp: NtpTime;
  rtpTimestamp: number;
  packets: number;
  payloadBytes: number;
};

/** What arrived of the packets of one peer connection, by transport-wide sequence (RTCP 205/15). */
export type TransportFeedback = {
  type: 'transportFeedback';
  senderSsrc: number;
  mediaSsrc: number;
  /** Counts the feedback packets of one receiver; 8 bits. */
  feedbackCount: number;
  /** Transport-wide sequence of the first status. */
  baseSequence: number;
  /** Signed 24 bits, units of 64 ms, the receiver's clock. */
  referenceTime: number;
  /**
   * For each packet from `baseSequence` on: its arrival after the reference time in units of 250 µs, or
   * `notReceived`.
   */
  arrivals: Int32Array;
};

/** Marks a packet that has not arrived in `TransportFeedback.arrivals`. */
export const notReceived = -0x80000000;

/** What a receiver takes, of some streams together (draft-alvestrand-rmcat-remb, RTCP 206/15). */
export type ReceiverEstimate = {
  type: 'remb';
  senderSsrc: number;
  bitrateBps: number;
  ssrcs: number[];
};

/** An echo of a receiver's reference time (RFC 3611 §4.5), for its round trip. */
export type ReferenceEcho = {
  /** The receiver that gave the reference time. */
  ssrc: number;
  /** Middle 32 bits of that time; 0 = none yet. */
  lastRr: number;
  /** Since it arrived, 1/65,536 s. */
  delaySinceLastRr: number;
};

/** Extended report (RFC 3611): of its blocks only reference time (RRTR) and echoes (DLRR). */
export type ExtendedReport = {
  type: 'extendedReport';
  ssrc: number;
  referenceTime?: NtpTime;
  echoes: ReferenceEcho[];
};

/** The RTCP that we act upon; anything else is skipped in reading. */
export type RtcpPacket =
  | { type: 'senderReport'; ssrc: number; info: SenderInfo; reports: ReportBlock[] }
  | { type: 'receiverReport'; ssrc: number; reports: ReportBlock[] }
  | { type: 'nack'; senderSsrc: number; mediaSsrc: number; sequences: number[] }
  | { type: 'pli'; senderSsrc: number; mediaSsrc: number }
  | { type: 'fir'; senderSsrc: number; entries: { ssrc: number; sequence: number }[] }
  | TransportFeedback
  | ReceiverEstimate
  | ExtendedReport;

/** Writes version, count or format, packet type and length; the packet fills all of `bytes` (a multiple of 4). */
export function writeRtcpHeader(bytes: Uint8Array, count: number, packetType: number): void {
  bytes[0] = 0x80 | (count & 0x1f);
  bytes[1] = packetType;
  writeU16(bytes, 2, bytes.length / 4 - 1);
}
