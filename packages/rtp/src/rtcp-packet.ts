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

/** The RTCP that we act upon; anything else is skipped in reading. */
export type RtcpPacket =
  | { type: 'senderReport'; ssrc: number; info: SenderInfo; reports: ReportBlock[] }
  | { type: 'receiverReport'; ssrc: number; reports: ReportBlock[] }
  | { type: 'nack'; senderSsrc: number; mediaSsrc: number; sequences: number[] }
  | { type: 'pli'; senderSsrc: number; mediaSsrc: number }
  | { type: 'fir'; senderSsrc: number; entries: { ssrc: number; sequence: number }[] };

/** Writes version, count or format, packet type and length; the packet fills all of `bytes` (a multiple of 4). */
export function writeRtcpHeader(bytes: Uint8Array, count: number, packetType: number): void {
  bytes[0] = 0x80 | (count & 0x1f);
  bytes[1] = packetType;
  writeU16(bytes, 2, bytes.length / 4 - 1);
}
